using System.Text;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>Matrix products beside cuBLAS or PyTorch, and as a share of the device's multiply-add peak.</summary>
internal sealed class ProductsReport() : PartReport("products", "Products")
{
    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        List<JsonObject> ours = left.Objects("ours"), torch = left.Objects("torch");
        bool hasBlas = ours.Any(line => Number(line, "cublas_gflops") is not null);
        string library = hasBlas ? "cuBLAS" : torch.Any(line => Number(line, "gflops") is not null) ? "torch.mm" : "library";
        text.Append("\nGFLOP/s of float32; the peak is measured beside each size.");
        if (!hasBlas && ours.FirstOrDefault() is { } first)
            text.Append($" There is no cuBLAS: {Shown(first, "cublas_missing_because")}.");
        text.Append('\n');
        var rows = new List<string[]>();
        foreach (var line in ours)
        {
            var beside = torch.FirstOrDefault(other =>
                Shown(other, "size") == Shown(line, "size") && Shown(other, "product") == Shown(line, "product"));
            line["torch_gflops"] = beside?["gflops"]?.DeepClone();
            double? other = Number(line, "cublas_gflops") ?? Number(beside, "gflops");
            rows.Add(
            [
                $"{Shown(line, "size")} {Shown(line, "product")}", Shown(line, "ours_us", "#,0.00"), Shown(line, "ours_gflops", "#,0"),
                other?.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) ?? "–",
                Ratio(Number(line, "ours_gflops"), other), Shown(line, "share_of_peak", "0.0 %"),
            ]);
        }
        Table(text, ["batch x inputs x outputs", "µs", "ours", library, $"ours : {library}", "of the peak"], rows);
        json["products"] = new JsonArray([.. ours]);
        json["torch"] = torch.FirstOrDefault(line => line["torch"] is not null);
        foreach (var line in torch.Where(line => line["why"] is not null))
            text.Append($"\ntorch.mm: {Shown(line, "why")}\n");
    }
}

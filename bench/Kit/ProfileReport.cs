using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GanFromScratch.Bench.Kit;

/// <summary>The kernels of some steps by their time, as GAN_DEBUG=2 prints them.</summary>
internal sealed partial class ProfileReport() : PartReport("profile", "Kernels")
{
    private const int Most = 20;

    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        var kernels = new JsonArray();
        var rows = new List<string[]>();
        foreach (var attempt in left.Attempts)
        {
            Match[] lines = [.. left.Lines($"{attempt.Name}.err").Select(line => Line().Match(line)).Where(match => match.Success)];
            foreach (var (i, line) in lines.Index())
            {
                string Cell(int group) => line.Groups[group].Value;
                double Number(int group) => double.Parse(Cell(group), CultureInfo.InvariantCulture);
                kernels.Add(new JsonObject
                {
                    ["recipe"] = attempt.Name,
                    ["kernel"] = Cell(1),
                    ["runs"] = Number(2),
                    ["total_ms"] = Number(3),
                    ["us_a_run"] = Number(4),
                    ["share_percent"] = Number(5),
                });
                if (i < Most)
                    rows.Add([$"{attempt.Name}: `{Cell(1)}`", Cell(2), Cell(3), Cell(4), $"{Cell(5)} %"]);
            }
        }
        json["kernels"] = kernels;
        if (rows.Count > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\nOf all of `gan bench`'s steps, its warm-up included; the {Most} kernels with the greatest time of each recipe.\n");
            Table(text, ["kernel", "runs", "total ms", "µs a run", "share"], rows);
        }
    }

    // MatMulKernel<...>   120   30.000   250.00   12.3 %
    [GeneratedRegex(@"^(.*\S) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) ?%")]
    private static partial Regex Line();
}

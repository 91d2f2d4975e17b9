using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>A whole run of odog, from its start to the pictures.</summary>
internal sealed class OdogReport() : PartReport("odog", "A whole run of odog")
{
    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        var run = left.Rows("run.tsv", 2).ToDictionary(row => row[0], row => row[1]);
        foreach (var (name, value) in run)
            json[name] = int.TryParse(value, CultureInfo.InvariantCulture, out int number) ? number : value;
        if (left.Attempts.FirstOrDefault(attempt => attempt.Name == "train") is not { } train)
            return;
        json["done"] = train.IsDone;
        json["seconds"] = train.Seconds;
        if (!train.IsDone)
            return;
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n{run.GetValueOrDefault("steps")} steps on the built-in digits took {train.Seconds:0.0} s, "
            + $"with the start, all grids, checkpoints and the GIF.\n");
        if (run.GetValueOrDefault("grid") is { } grid)
            text.Append($"Its last grid is `{grid}`, SHA-256 `{run.GetValueOrDefault("sha256")}`:\n\n![The last grid]({grid})\n");
    }
}

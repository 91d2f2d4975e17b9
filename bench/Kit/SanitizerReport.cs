using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>What compute-sanitizer says of a few steps.</summary>
internal sealed class SanitizerReport() : PartReport("sanitizer", "Sanitizer")
{
    private const string Mark = " SUMMARY: ";

    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        var tools = new JsonArray();
        var rows = new List<string[]>();
        foreach (var attempt in left.Attempts)
        {
            // "========= ERROR SUMMARY: 0 errors", "========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)"
            string? summary = left.Lines($"{attempt.Name}.out").LastOrDefault(line => line.Contains(Mark, StringComparison.Ordinal));
            summary = summary?[(summary.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
            tools.Add(new JsonObject { ["tool"] = attempt.Name, ["summary"] = summary, ["seconds"] = attempt.Seconds });
            rows.Add([attempt.Name, summary ?? "no summary", attempt.Seconds.ToString("0.0", CultureInfo.InvariantCulture)]);
        }
        json["tools"] = tools;
        if (rows.Count > 0)
            Table(text, ["tool", "found", "seconds"], rows);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GanFromScratch.Bench.Kit;

/// <summary>The suite's cases of the device; and every recipe's files beside the cpu's, by their SHA-256.</summary>
internal sealed partial class CorrectnessReport() : PartReport("correctness", "Correctness")
{
    private const int MostNames = 40;
    private static readonly string[] Files = ["generator.safetensors", "loss.csv", "checkpoint"];

    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        if (left.Attempts.FirstOrDefault(attempt => attempt.Name == "tests") is { } tests)
            json["tests"] = Tests(left, tests, text);
        Sums(left, json, text);
    }

    protected override bool IsExpected(Attempt attempt) => attempt is { Name: "tests", ExitCode: 2 }; // some failed, which are listed

    private static JsonObject Tests(PartFolder left, Attempt attempt, StringBuilder text)
    {
        string[] lines = left.Lines("tests.out");
        Match[] ends = [.. lines.Select(line => End().Match(line)).Where(match => match.Success)];
        string[] NamesOf(string end) => [.. ends.Where(match => match.Groups[1].Value == end).Select(match => match.Groups[2].Value)];
        string[] passed = NamesOf("passed"), failed = NamesOf("failed"), skipped = NamesOf("skipped");
        string? why = skipped.Length == 0 ? null : lines.SkipWhile(line => !line.StartsWith("skipped ", StringComparison.Ordinal))
            .Skip(1).FirstOrDefault()?.Trim();
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nThe suite's cases of the device: {passed.Length} passed, {failed.Length} failed, {skipped.Length} skipped, "
            + $"in {attempt.Seconds:0.0} s.\n");
        if (ends.Length == 0)
            text.Append(CultureInfo.InvariantCulture, $"None was run: the suite {attempt.End}.\n");
        if (why is not null)
            text.Append(CultureInfo.InvariantCulture, $"The first was skipped because: {why}\n");
        foreach (string name in failed.Take(MostNames))
            text.Append(CultureInfo.InvariantCulture, $"- failed: `{name}`\n");
        return new JsonObject
        {
            ["passed"] = passed.Length,
            ["failed"] = failed.Length,
            ["skipped"] = skipped.Length,
            ["first_skipped_because"] = why,
            ["all_were_run"] = lines.Any(line => line.StartsWith("Test run summary:", StringComparison.Ordinal)),
            ["failures"] = new JsonArray([.. failed.Select(name => JsonValue.Create(name))]),
        };
    }

    private static void Sums(PartFolder left, JsonObject json, StringBuilder text)
    {
        // recipe, steps, where, file, SHA-256
        var sums = left.Rows("sums.tsv", 5).ToList();
        var rows = new List<string[]>();
        var recipes = new JsonArray();
        foreach (string recipe in sums.Select(row => row[0]).Distinct())
        {
            string steps = sums.First(row => row[0] == recipe)[1];
            string? Sum(string where, string file) =>
                sums.LastOrDefault(row => row[0] == recipe && row[1] == steps && row[2] == where && row[3] == file)?[4];
            foreach (string file in Files)
            {
                string? kit = Sum("kit", file), cpu = Sum("cpu", file), device = Sum("device", file);
                recipes.Add(new JsonObject
                {
                    ["recipe"] = recipe,
                    ["steps"] = int.Parse(steps, CultureInfo.InvariantCulture),
                    ["file"] = file,
                    ["device"] = device,
                    ["cpu_here"] = cpu,
                    ["cpu_of_the_kit"] = kit,
                    ["equals_cpu_here"] = IsEqual(device, cpu),
                    ["equals_cpu_of_the_kit"] = IsEqual(device, kit),
                });
                rows.Add([$"{recipe}, {steps} steps, {file}", Word(device, cpu), Word(device, kit), Word(cpu, kit), device?[..12] ?? "–"]);
            }
        }
        json["recipes"] = recipes;
        if (rows.Count > 0)
            Table(text, ["file", "device : cpu here", "device : kit's cpu", "cpu here : kit's cpu", "device's SHA-256"], rows);
    }

    private static bool? IsEqual(string? a, string? b) => a is null || b is null ? null : a == b;

    private static string Word(string? a, string? b) => IsEqual(a, b) switch { true => "equal", false => "DIFFERS", null => "–" };

    [GeneratedRegex(@"^(passed|failed|skipped) (.*) \((?:\d+\w+ ?)+\)$")]
    private static partial Regex End();
}

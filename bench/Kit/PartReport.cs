using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>Makes a part's JSON file and its section of the report, of whatever the part left.</summary>
internal abstract class PartReport(string part, string title)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly PartReport[] All =
    [
        new FactsReport(), new CorrectnessReport(), new ProductsReport(), new StepsReport(), new OdogReport(), new ProfileReport(),
        new SanitizerReport(),
    ];

    /// <summary>Returns a part's report; null: there is no such part.</summary>
    public static PartReport? Find(string name) => All.FirstOrDefault(report => report.Part == name);

    private string Part => part;

    /// <summary>Writes FOLDER/PART.json; returns the section.</summary>
    public string Write(string folder)
    {
        var left = new PartFolder(folder, part);
        var json = new JsonObject { ["part"] = part };
        var text = new StringBuilder($"\n## {title}\n");
        Fill(left, json, text);
        foreach (var (what, why) in left.Missing)
            text.Append(CultureInfo.InvariantCulture, $"\n{what}: {why}.\n");
        foreach (var attempt in left.Attempts.Where(attempt => !attempt.IsDone && !IsExpected(attempt)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n`{attempt.Name}` {attempt.End}");
            string[] last = left.Last(attempt.Name);
            text.Append(last.Length == 0 ? ".\n" : $"; its last lines:\n```\n{string.Join('\n', last)}\n```\n");
        }
        json["missing"] = new JsonArray([.. left.Missing.Select(missing => new JsonObject
        {
            ["what"] = missing.What,
            ["why"] = missing.Why,
        })]);
        json["commands"] = new JsonArray([.. left.Attempts.Select(attempt => new JsonObject
        {
            ["name"] = attempt.Name,
            ["end"] = attempt.End,
            ["exit_code"] = attempt.ExitCode,
            ["seconds"] = attempt.Seconds,
            ["limit_s"] = attempt.Limit,
            ["last_lines"] = attempt.IsDone ? null : new JsonArray([.. left.Last(attempt.Name).Select(line => JsonValue.Create(line))]),
        })]);
        string file = Path.Combine(folder, $"{part}.json");
        File.WriteAllText($"{file}.tmp", json.ToJsonString(Indented) + "\n");
        File.Move($"{file}.tmp", file, overwrite: true);
        return text.ToString();
    }

    /// <summary>Adds what the part found to both.</summary>
    protected abstract void Fill(PartFolder left, JsonObject json, StringBuilder text);

    /// <summary>Whether an exit code other than 0 is a result that the section has already.</summary>
    protected virtual bool IsExpected(Attempt attempt) => false;

    /// <summary>Adds a table; its first column is text, the others are numbers.</summary>
    protected static void Table(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n| {string.Join(" | ", header)} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|{string.Concat(Enumerable.Repeat("---:|", header.Length - 1))}\n");
        foreach (string[] row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
    }

    /// <summary>Returns a value of an object as text; a dash where there is none.</summary>
    protected static string Shown(JsonObject? from, string name, string format = "#,0.###") => from?[name] is not JsonValue value ? "–"
        : value.TryGetValue(out double number) ? number.ToString(format, CultureInfo.InvariantCulture)
        : value.TryGetValue(out bool yes) ? (yes ? "yes" : "no")
        : value.ToString();

    /// <summary>Returns a number of an object; null where there is none.</summary>
    protected static double? Number(JsonObject? from, string name) =>
        from?[name] is JsonValue value && value.TryGetValue(out double number) ? number : null;

    /// <summary>Returns a ratio with two places; a dash where a number is missing.</summary>
    protected static string Ratio(double? of, double? over) =>
        of is { } a && over is { } b && b > 0 ? (a / b).ToString("0.00", CultureInfo.InvariantCulture) : "–";
}

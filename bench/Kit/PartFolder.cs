using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>A command that a part of the kit ran.</summary>
/// <param name="Name">Its name within the part, that of its files too.</param>
/// <param name="ExitCode">The exit code; 124 or 137: it ran into its time limit.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Limit">The limit in seconds; 0: no time was left to start it.</param>
internal sealed record Attempt(string Name, int ExitCode, double Seconds, int Limit)
{
    /// <summary>Whether it ended well.</summary>
    public bool IsDone => ExitCode == 0;

    /// <summary>How it ended, as a clause.</summary>
    public string End => this switch
    {
        { Limit: 0 } => "was not started: no time was left",
        { ExitCode: 124 or 137 } => $"was ended at its limit of {Limit} s",
        { IsDone: true } => "is done",
        _ => $"failed with exit code {ExitCode}",
    };
}

/// <summary>
/// What a part left in `raw/PART` of the results: `attempts.tsv` with a line for each command, its output as `NAME.out` and `NAME.err`, and
/// `missing.tsv` with what wasn't tried and why.
/// </summary>
internal sealed class PartFolder(string results, string part)
{
    private const int LastLines = 8;

    /// <summary>The results' folder.</summary>
    public string Results => results;

    /// <summary>The part's name.</summary>
    public string Part => part;

    /// <summary>The commands that were run, in their order.</summary>
    public IReadOnlyList<Attempt> Attempts { get; } =
    [
        .. from line in LinesOf(Path.Combine(results, "raw", part, "attempts.tsv"))
           let cells = line.Split('\t')
           where cells.Length == 4
           select new Attempt(cells[0], Int(cells[1]), Int(cells[2]) / 1e3, Int(cells[3]))
    ];

    /// <summary>What wasn't tried, and why.</summary>
    public IReadOnlyList<(string What, string Why)> Missing => [.. Rows("missing.tsv", 2).Select(cells => (cells[0], cells[1]))];

    /// <summary>Returns the rows of a file of cells between tabs; none where it isn't there.</summary>
    public IEnumerable<string[]> Rows(string name, int cells) =>
        Lines(name).Select(line => line.Split('\t')).Where(row => row.Length == cells);

    /// <summary>Returns a file's lines; none where it isn't there.</summary>
    public string[] Lines(string name) => LinesOf(Path.Combine(results, "raw", part, name));

    /// <summary>Returns the JSON objects that a command printed, each on a line; one that was cut off is left out.</summary>
    public List<JsonObject> Objects(string name)
    {
        var objects = new List<JsonObject>();
        foreach (string line in Lines($"{name}.out").Where(line => line.StartsWith('{')))
        {
            try
            {
                if (JsonNode.Parse(line) is JsonObject found)
                    objects.Add(found);
            }
            catch (JsonException)
            {
                // the end of a command that was ended
            }
        }
        return objects;
    }

    /// <summary>Returns the last lines of words that a command printed, errors if there are any.</summary>
    public string[] Last(string name)
    {
        string[] errors = [.. Lines($"{name}.err").Where(IsWords)];
        string[] lines = errors.Length > 0 ? errors : [.. Lines($"{name}.out").Where(IsWords)];
        return lines[^Math.Min(LastLines, lines.Length)..];
    }

    private static bool IsWords(string line) => line.Trim().Length > 0 && !line.StartsWith('{');

    private static string[] LinesOf(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

    private static int Int(string cell) =>
        int.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : -1;
}

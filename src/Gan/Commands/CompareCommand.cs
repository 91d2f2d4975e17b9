using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan compare`: what differs between two runs, and how they did.</summary>
internal sealed class CompareCommand() : GanCommand<CompareCommand.Request>(
    "compare", "Says what differs between two runs' settings, and how both did")
{
    // name, where it is, format
    private static readonly (string Name, Func<RunReport, double?> Value, string Format)[] Figures =
    [
        ("steps", report => report.Step, "N0"),
        ("epochs", report => report.Epochs.Count, "N0"),
        ("minutes", report => report.Seconds / 60, "0.0"),
        ("d_loss", report => Last(report, "d_mean_loss"), "0.0000"),
        ("g_loss", report => Last(report, "g_mean_loss"), "0.0000"),
        ("d_accuracy_real", report => Last(report, "d_accuracy_real"), "0.0000"),
        ("d_accuracy_fake", report => Last(report, "d_accuracy_fake"), "0.0000"),
        ("energy_distance", report => Last(report, "energy_distance"), "0.00000"),
        ("best_energy_distance", report => report.BestEnergyDistance, "0.00000"),
        .. QualityMetric.All.Select(
            metric => (metric.Key, (Func<RunReport, double?>)(report => report.QualityOf(metric)), metric.Format)),
    ];

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan compare runs/0001-odog-mnist runs/0002-stable-mnist", "what differs between two runs, and how they did"),
        ("gan compare runs/0001-odog-mnist runs/0002-stable-mnist --json", "the same for a script"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        if (asked.First is null || asked.Second is null)
        {
            throw new GanException(
                ExitCode.Usage, "`gan compare` needs two runs: `gan compare runs/0001-odog-mnist runs/0002-odog-mnist`.");
        }
        RunReport[] reports = [RunReport.Read(asked.First), RunReport.Read(asked.Second)];
        var settings = reports.Select(report => report.FlatSettings()).ToArray();
        var differences = settings[0].Keys.Union(settings[1].Keys)
            .Select(name => (Name: name, First: settings[0].GetValueOrDefault(name), Second: settings[1].GetValueOrDefault(name)))
            .Where(value => value.First != value.Second).ToList();
        var figures = Figures
            .Select(figure => (figure.Name, figure.Format, First: figure.Value(reports[0]), Second: figure.Value(reports[1])))
            .Where(figure => figure.First is not null || figure.Second is not null).ToList();
        if (asked.Json)
        {
            screen.Print(JsonOf(reports, differences, figures));
            return ExitCode.Done;
        }
        var rows = differences.Select(value => new[] { value.Name, value.First ?? "", value.Second ?? "" })
            .Append(["state", .. reports.Select(report => report.StateName)])
            .Concat(figures.Select(
                figure => new[] { figure.Name, Shown(figure.First, figure.Format), Shown(figure.Second, figure.Format) }))
            .Prepend(["", .. reports.Select(report => report.Name)]).ToList();
        int Width(int column) => rows.Max(row => row[column].Length);
        var table = new TextTable(screen, [("", -Width(0)), (reports[0].Name, -Width(1)), (reports[1].Name, -Width(2))]);
        foreach (string[] row in rows)
            table.Row(row);
        if (differences.Count == 0)
            screen.Say("Nothing differs in their settings.");
        return ExitCode.Done;
    }

    private static double? Last(RunReport report, string name) =>
        report.Epochs.Count > 0 ? RunReport.NumberOf(report.Epochs[^1], name) : null;

    private static string Shown(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string JsonOf(
        RunReport[] reports,
        List<(string Name, string? First, string? Second)> differences,
        List<(string Name, string Format, double? First, double? Second)> figures) =>
        JsonText.Of(json =>
        {
            json.WriteStartArray("runs");
            foreach (var report in reports)
                json.WriteStringValue(report.Folder);
            json.WriteEndArray();
            json.WriteStartObject("differences");
            foreach (var (name, first, second) in differences)
                WritePair(json, name, value => json.WriteStringValue(value), first, second);
            json.WriteEndObject();
            json.WriteStartObject("figures");
            foreach (var (name, _, first, second) in figures)
                WritePair(json, name, value => WriteNumber(json, value), first, second);
            json.WriteEndObject();
        });

    private static void WritePair<V>(Utf8JsonWriter json, string name, Action<V> write, V first, V second)
    {
        json.WriteStartArray(name);
        write(first);
        write(second);
        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, double? value)
    {
        if (value is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }

    /// <summary>The options and the arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder")]
        public string? First { get; init; }

        [Argument("OTHER", "Another one's")]
        public string? Second { get; init; }

        [Option("--json", "Prints a JSON object: differences and figures, a value of each run")]
        public bool Json { get; init; }
    }
}

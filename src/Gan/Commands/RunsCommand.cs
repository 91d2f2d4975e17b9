using System.CommandLine;
using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan runs`: lists training runs.</summary>
internal sealed class RunsCommand() : GanCommand<RunsCommand.Request>(
    "runs", "Lists the training runs in a folder: recipe, data, how far they are, how good")
{
    private static readonly QualityMetric Distance = QualityMetric.OfClassifier[0];

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan runs", "lists the runs in runs/"),
        ("gan runs experiments --json", "lists those in another folder, for a script"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string folder = asked.Folder ?? RunFolder.Parent;
        if (asked.Folder is null && !Directory.Exists(folder))
        {
            screen.Say($"There is no run yet: {folder}/ isn't there. `gan` trains one.");
            return ExitCode.Done;
        }
        var reports = new List<RunReport>();
        var faults = new List<GanException>();
        foreach (string run in RunReport.Find(folder))
        {
            try
            {
                reports.Add(RunReport.Read(run));
            }
            catch (GanException fault)
            {
                faults.Add(fault); // the others are listed all the same
            }
        }
        if (asked.Json)
        {
            foreach (var report in reports)
                screen.Print(JsonOf(report));
        }
        else
        {
            Say(screen, folder, reports);
        }
        foreach (var fault in faults)
            Screen.Error(fault.Message);
        return faults.Count > 0 ? faults[0].Code : ExitCode.Done;
    }

    private static void Say(Screen screen, string folder, List<RunReport> reports)
    {
        if (reports.Count == 0)
        {
            screen.Say($"There is no run in {folder}. `gan --output {Invocation.Quoted(Path.Combine(folder, "first"))}` trains one there.");
            return;
        }
        string[][] rows = [.. reports.Select(report => (string[])
        [
            report.Name,
            report.Recipe,
            report.Settings.Resolved.Dataset.Name,
            $"{report.Step:N0} of {report.Settings.TotalSteps:N0}",
            report.StateName,
            Shown(report.BestEnergyDistance, "0.0000"),
            Shown(report.QualityOf(Distance), "0.00"),
            TimeSpan.FromSeconds(Math.Round(report.Seconds)).ToString("c", CultureInfo.InvariantCulture),
        ])];
        string[] names = ["run", "recipe", "data", "steps", "state", "energy", "Frechet", "time"];
        int Width(int column) => Math.Max(names[column].Length, rows.Max(row => row[column].Length));
        var table = new TextTable(screen, [.. names.Select((name, i) => (name, i is 3 or > 4 ? Width(i) : -Width(i)))]);
        table.Header();
        foreach (string[] row in rows)
            table.Row(row);
        screen.Say();
        screen.Say(
            "energy: the least energy distance of an epoch; Frechet: the distance that `gan evaluate RUN` found; 0 is best for both. "
            + "`gan compare RUN RUN` says what differs.");
    }

    private static string Shown(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string JsonOf(RunReport report) => JsonText.Of(json =>
    {
        var (request, resolved) = (report.Settings.Request, report.Settings.Resolved);
        json.WriteString("run", report.Folder);
        json.WriteString("recipe", request.Recipe);
        json.WriteBoolean("as_written", request.AsWritten);
        json.WriteBoolean("conditional", request.Conditional);
        json.WriteString("dataset", resolved.Dataset.Name);
        json.WriteNumber("seed", resolved.Seed);
        json.WriteNumber("step", report.Step);
        json.WriteNumber("total_steps", report.Settings.TotalSteps);
        json.WriteNumber("epochs", report.Epochs.Count);
        json.WriteString("state", report.StateName);
        json.WriteOptional("best_energy_distance", report.BestEnergyDistance ?? double.NaN);
        json.WriteOptional(Distance.Key, report.QualityOf(Distance) ?? double.NaN);
        json.WriteNumber("seconds", Math.Round(report.Seconds, 3));
    });

    /// <summary>The options and the argument.</summary>
    internal sealed record Request
    {
        [Argument("DIR", "A folder of runs, or a run [default: runs]")]
        public string? Folder { get; init; }

        [Option("--json", "Prints a JSON object for each run, on one line")]
        public bool Json { get; init; }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Serve;

/// <summary>A run as a page gets it.</summary>
/// <param name="run">The run's folder.</param>
internal sealed class RunData(string run)
{
    private const int MostScores = 400;

    private readonly RunReport _report = RunReport.Read(run);

    /// <summary>Returns a text that is another one once a file of a run is.</summary>
    public static string StampOf(string run)
    {
        string[] files =
        [
            RunFolder.StepsOf(run), RunFolder.MetricsOf(run), RunFolder.ScoresOf(run), Path.Combine(run, SettingsFile.Name),
            Path.Combine(run, EvaluationReport.FileName),
        ];
        return string.Join(' ', files.Select(file => new FileInfo(file)).Select(file =>
            file.Exists ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}" : "-"));
    }

    /// <summary>
    /// Writes what changes while no line is logged: whether a process trains it, which grids there are, and how long it is to be.
    /// </summary>
    public static void WriteState(Utf8JsonWriter json, string run)
    {
        json.WriteString("settings_of", File.GetLastWriteTimeUtc(Path.Combine(run, SettingsFile.Name)).ToString("O"));
        json.WriteBoolean("is_training", RunReport.IsInUse(run));
        json.WriteStartArray("grids");
        foreach (int epoch in RunFolder.SampledEpochs(run))
            json.WriteNumberValue(epoch);
        json.WriteEndArray();
    }

    /// <summary>Writes what was wrong after an epoch, in words.</summary>
    /// <param name="json">Gets it.</param>
    /// <param name="epoch">The epoch's line of metrics.jsonl.</param>
    public static void WriteDiagnoses(Utf8JsonWriter json, string epoch) => WriteDiagnoses(json, JsonText.ObjectOf(epoch) ?? []);

    /// <summary>Writes what a list shows of it.</summary>
    public void WriteSummary(Utf8JsonWriter json)
    {
        var settings = _report.Settings;
        json.WriteString("name", _report.Name);
        json.WriteString("recipe", _report.Recipe);
        json.WriteString("dataset", settings.Resolved.Dataset.Name);
        json.WriteString("seed", $"{settings.Resolved.Seed}");
        json.WriteString("state", _report.StateName);
        json.WriteNumber("step", _report.Step);
        json.WriteNumber("total_steps", settings.TotalSteps);
        json.WriteNumber("steps_per_epoch", settings.Resolved.StepsPerEpoch);
        json.WriteNumber("seconds", Math.Round(_report.Seconds, 3));
        json.WriteOptional("energy_distance", _report.BestEnergyDistance ?? double.NaN);
        json.WriteOptional("frechet", _report.QualityOf(QualityMetric.OfClassifier[0]) ?? double.NaN);
        json.WriteOptional("last_grid", RunFolder.SampledEpochs(run) is [.., var last] ? last : (int?)null);
        json.WriteStartObject("settings");
        foreach (var (name, value) in _report.FlatSettings())
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    /// <summary>Writes all of it, with the places in its files up to which that goes.</summary>
    public void Write(Utf8JsonWriter json)
    {
        WriteSummary(json);
        WriteState(json, run);
        var places = new List<(string Name, long Position)>();
        places.Add(("steps", WriteSteps(json)));
        places.Add(("epochs", WriteEpochs(json)));
        places.Add(("scores", WriteScores(json)));
        WriteDiagnoses(json, _report.Epochs is [.., var last] ? last : []);
        json.WriteStartObject("places");
        foreach (var (name, position) in places)
            json.WriteNumber(name, position);
        json.WriteEndObject();
    }

    private long WriteSteps(Utf8JsonWriter json)
    {
        var tail = new LineTail(RunFolder.StepsOf(run));
        Series? steps = null;
        while (tail.Read() is { Length: > 0 } lines)
        {
            foreach (string line in lines)
            {
                string[] cells = line.Split(',');
                if (steps is null)
                    steps = new Series(cells);
                else
                    steps.Add([.. cells.Select(NumberOf)]);
            }
        }
        (steps ?? new Series(["step"])).Write(json, "steps");
        return tail.Position;
    }

    private long WriteEpochs(Utf8JsonWriter json)
    {
        var tail = new LineTail(RunFolder.MetricsOf(run));
        Series? epochs = null;
        while (tail.Read() is { Length: > 0 } lines)
        {
            foreach (var epoch in lines.Select(JsonText.ObjectOf).OfType<JsonObject>())
            {
                epochs ??= new Series(epoch.Select(value => value.Key).Where(name => name != "troubles"));
                epochs.Add([.. epochs.Names.Select(name => RunReport.NumberOf(epoch, name) ?? double.NaN)]);
            }
        }
        (epochs ?? new Series(["epoch", "step"])).Write(json, "epochs");
        return tail.Position;
    }

    // evenly spread over the run, if there are more than a slider has places
    private long WriteScores(Utf8JsonWriter json)
    {
        var tail = new LineTail(RunFolder.ScoresOf(run));
        var kept = new List<string>();
        int every = 1, seen = 0;
        string? last = null;
        while (tail.Read() is { Length: > 0 } lines)
        {
            foreach (string line in lines.Where(line => JsonText.ObjectOf(line) is not null))
            {
                last = line;
                if (seen++ % every == 0)
                    kept.Add(line);
                if (kept.Count < MostScores)
                    continue;
                kept = [.. kept.Where((_, i) => i % 2 == 0)];
                every *= 2;
            }
        }
        if (last is not null && kept[^1] != last)
            kept.Add(last);
        json.WriteStartArray("score_bins");
        foreach (string line in kept)
            json.WriteRawValue(line);
        json.WriteEndArray();
        return tail.Position;
    }

    private static void WriteDiagnoses(Utf8JsonWriter json, JsonObject last)
    {
        json.WriteStartArray("diagnoses");
        if (last["troubles"] is JsonArray troubles)
        {
            foreach (var diagnosis in Enum.GetValues<Diagnosis>())
            {
                if (troubles.Any(name => $"{name}" == CollapseDetector.NameOf(diagnosis)))
                    json.WriteStringValue(Describe(diagnosis, last));
            }
        }
        json.WriteEndArray();
    }

    private static string Describe(Diagnosis diagnosis, JsonObject epoch)
    {
        var mean = new MetricValues(Metric.Standard);
        foreach (var metric in (Metric[])[Metric.AccuracyOnReal, Metric.AccuracyOnFake])
            mean[metric] = Number(metric.Name);
        var report = new CollapseReport(
            Number("variety"), Number("nearest_variety"), Number("energy_distance"), Number("d_dead_units"), Number("g_dead_units"), []);
        return CollapseDetector.Describe(diagnosis, mean, report);

        double Number(string name) => RunReport.NumberOf(epoch, name) ?? double.NaN;
    }

    private static double NumberOf(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
}

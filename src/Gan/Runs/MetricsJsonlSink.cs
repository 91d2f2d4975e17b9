using System.Text.Json;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`metrics.jsonl`: a JSON object for each epoch, on a line of its own.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class MetricsJsonlSink(RunFolder folder, Trainer trainer) : IRunSink
{
    private AppendLog? _log;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from) =>
        _log = from is null ? new AppendLog(folder.Metrics, "") : AppendLog.Resume(folder.Metrics, trainer.Epochs);

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => _log!.Append(JsonText.Of(json => Write(json, report)));

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot) => snapshot.Prerequisites.Add(_log!.Flush);

    /// <summary>Returns the numbers of an epoch by name; NaN where there is none.</summary>
    public static IEnumerable<(string Name, double Value)> Numbers(Trainer trainer, EpochReport report)
    {
        var (mean, collapse) = (report.Mean, report.Collapse);
        return
        [
            .. trainer.Recipe.LogColumns.Select(column => (column.Name, column.Value(report.Log))),
            ("d_mean_loss", mean[Metric.DiscriminatorLoss]),
            ("g_mean_loss", mean[Metric.GeneratorLoss]),
            ("d_accuracy_real", mean[Metric.AccuracyOnReal]),
            ("d_accuracy_fake", mean[Metric.AccuracyOnFake]),
            ("d_gradient_norm", report.HasNorms ? mean[Metric.DiscriminatorGradientNorm] : double.NaN),
            ("g_gradient_norm", report.HasNorms ? mean[Metric.GeneratorGradientNorm] : double.NaN),
            ("variety", collapse.Variety),
            ("nearest_variety", collapse.NearestVariety),
            ("energy_distance", collapse.EnergyDistance),
            ("d_dead_units", collapse.DeadUnitsOfD),
            ("g_dead_units", collapse.DeadUnitsOfG),
        ];
    }

    private void Write(Utf8JsonWriter json, EpochReport report)
    {
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("step", report.Step);
        foreach (var (name, value) in Numbers(trainer, report))
            json.WriteOptional(name, value);
        json.WriteStartArray("troubles");
        foreach (var diagnosis in report.Collapse.Diagnoses)
            json.WriteStringValue(CollapseDetector.NameOf(diagnosis));
        json.WriteEndArray();
        json.WriteNumber("seconds", Math.Round(report.Seconds, 6));
        json.WriteNumber("images_per_second", Math.Round(report.ImagesPerSecond, 2));
    }
}

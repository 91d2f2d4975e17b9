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

    private void Write(Utf8JsonWriter json, EpochReport report)
    {
        var (mean, collapse) = (report.Mean, report.Collapse);
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("step", report.Step);
        foreach (var (name, value) in trainer.Recipe.LogColumns)
            json.WriteOptional(name, value(report.Log));
        json.WriteOptional("d_mean_loss", mean[Metric.DiscriminatorLoss]);
        json.WriteOptional("g_mean_loss", mean[Metric.GeneratorLoss]);
        json.WriteOptional("d_accuracy_real", mean[Metric.AccuracyOnReal]);
        json.WriteOptional("d_accuracy_fake", mean[Metric.AccuracyOnFake]);
        json.WriteOptional("d_gradient_norm", report.HasNorms ? mean[Metric.DiscriminatorGradientNorm] : double.NaN);
        json.WriteOptional("g_gradient_norm", report.HasNorms ? mean[Metric.GeneratorGradientNorm] : double.NaN);
        json.WriteOptional("variety", collapse.Variety);
        json.WriteOptional("nearest_variety", collapse.NearestVariety);
        json.WriteOptional("energy_distance", collapse.EnergyDistance);
        json.WriteOptional("d_dead_units", collapse.DeadUnitsOfD);
        json.WriteOptional("g_dead_units", collapse.DeadUnitsOfG);
        json.WriteStartArray("troubles");
        foreach (var diagnosis in collapse.Diagnoses)
            json.WriteStringValue(CollapseDetector.NameOf(diagnosis));
        json.WriteEndArray();
        json.WriteNumber("seconds", Math.Round(report.Seconds, 6));
        json.WriteNumber("images_per_second", Math.Round(report.ImagesPerSecond, 2));
    }
}

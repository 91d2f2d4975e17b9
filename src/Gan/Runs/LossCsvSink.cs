using System.Globalization;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`loss.csv`: a row for each epoch, first the columns of the recipe's document.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="recipe">The recipe that trains.</param>
/// <param name="trainer">The run.</param>
internal sealed class LossCsvSink(RunFolder folder, Recipe recipe, Trainer trainer) : IRunSink
{
    private AppendLog? _log;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        string columns = string.Join(',', recipe.LogColumns.Select(column => column.Name));
        _log = from is null
            ? new AppendLog(folder.Losses, $"epoch,{columns},d_accuracy_real,d_accuracy_fake,seconds,images_per_second\n")
            : AppendLog.Resume(folder.Losses, 1 + trainer.Epochs);
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        double[] values =
        [
            .. recipe.LogColumns.Select(column => column.Value(report.Log)),
            report.Mean[Metric.AccuracyOnReal],
            report.Mean[Metric.AccuracyOnFake],
            Math.Round(report.Seconds, 6),
            Math.Round(report.ImagesPerSecond, 2),
        ];
        _log!.Append($"{report.Epoch},{string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}");
    }

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot) => snapshot.Prerequisites.Add(_log!.Flush);
}

using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `loss.csv`: a row for each epoch; first the columns of the recipe's document, then those that all recipes have. A resumed run keeps the
/// columns that it began with.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class LossCsvSink(RunFolder folder, Trainer trainer) : IRunSink
{
    private static readonly Column[] Common =
    [
        new("step", report => report.Step),
        new("d_mean_loss", report => report.Mean[Metric.DiscriminatorLoss]),
        new("g_mean_loss", report => report.Mean[Metric.GeneratorLoss]),
        new("d_accuracy_real", report => report.Mean[Metric.AccuracyOnReal]),
        new("d_accuracy_fake", report => report.Mean[Metric.AccuracyOnFake]),
        new("seconds", report => Math.Round(report.Seconds, 6)),
        new("images_per_second", report => Math.Round(report.ImagesPerSecond, 2)),
    ];

    private AppendLog? _log;
    private Column[] _columns = [];

    /// <summary>Returns the header of a new run.</summary>
    public static string HeaderOf(Recipe recipe) => string.Join(',', Columns(recipe).Select(column => column.Name));

    /// <summary>Refuses a file with columns that this program can't fill.</summary>
    /// <exception cref="GanException">Data: a column is unknown.</exception>
    public static void RequireKnownColumns(string path, Recipe recipe) => _ = ColumnsOf(path, recipe);

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is null)
        {
            _columns = Columns(trainer.Recipe);
            _log = new AppendLog(folder.Losses, $"{HeaderOf(trainer.Recipe)}\n");
            return;
        }
        _columns = ColumnsOf(folder.Losses, trainer.Recipe);
        _log = AppendLog.Resume(folder.Losses, 1 + trainer.Epochs);
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report) =>
        _log!.Append(string.Join(',', _columns.Select(column => column.Value(report).ToString("R", CultureInfo.InvariantCulture))));

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot) => snapshot.Prerequisites.Add(_log!.Flush);

    // one of the document's may have the name of a common one: it comes first
    private static Column[] Columns(Recipe recipe) =>
    [
        new("epoch", report => report.Epoch),
        .. recipe.LogColumns.Select(column => new Column(column.Name, report => column.Value(report.Log))),
        .. Common.Where(common => recipe.LogColumns.All(column => column.Name != common.Name)),
    ];

    private static Column[] ColumnsOf(string path, Recipe recipe)
    {
        var known = Columns(recipe);
        return
        [
            .. AppendLog.FirstLine(path).Split(',').Select(name => known.FirstOrDefault(column => column.Name == name)
                ?? throw new GanException(
                    ExitCode.Data,
                    $"{path} has the column '{name}', which {recipe.Name} doesn't have. Put the file back as the run wrote it.")),
        ];
    }

    private sealed record Column(string Name, Func<EpochReport, double> Value);
}

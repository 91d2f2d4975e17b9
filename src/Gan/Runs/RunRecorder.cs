using System.Globalization;
using System.Text;
using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>Writes a run's logs, sample grids and curves as it goes.</summary>
internal sealed class RunRecorder : ITrainingListener
{
    private const int MostFrames = 300;
    private const int CurvesCount = 4;
    private const string Curves = "curves", Settings = "settings";

    private readonly RunFolder _folder;
    private readonly TrainingPlan _plan;
    private readonly Trainer _trainer;
    private readonly (int Rows, int Columns) _grid;
    private readonly TrainingProgress _progress;
    private readonly AppendLog _losses, _metrics;
    private readonly CheckpointFolder _checkpoints;
    private readonly int _keep;
    private readonly List<float> _curves = []; // [epochs, 4]: losses of D and G, D's accuracies on real and fake
    private readonly List<int> _sampled = [];
    private readonly Screen _screen;
    private IReadOnlyList<Diagnosis> _diagnoses = [];
    private (int Step, double EnergyDistance) _best = (0, double.PositiveInfinity);
    private double _energyDistance;
    private (int Width, int Height, int Channels) _gridSize;

    /// <summary>Makes the logs, or goes on with them.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="plan">What it came to.</param>
    /// <param name="trainer">What it hears of.</param>
    /// <param name="screen">Where it says how training goes.</param>
    /// <param name="from">The checkpoint that the trainer goes on from; lines that came after it are removed.</param>
    /// <exception cref="GanException">Writing: a log can't be written.</exception>
    public RunRecorder(RunFolder folder, TrainRequest request, TrainingPlan plan, Trainer trainer, Screen screen, Checkpoint? from)
    {
        (_folder, _plan, _trainer, _screen, _grid, _keep) = (folder, plan, trainer, screen, request.Grid, request.Keep);
        _progress = new TrainingProgress(screen, trainer, plan.Batch * plan.Objective.DiscriminatorSteps);
        _checkpoints = new CheckpointFolder(folder.Checkpoints);
        if (from is not null)
        {
            _losses = AppendLog.Resume(folder.Losses, 1 + trainer.Epochs);
            _metrics = AppendLog.Resume(folder.Metrics, trainer.Epochs);
            _curves.AddRange(from.Values(Curves));
            VisitBest(from);
            _diagnoses = trainer.Diagnoses;
            _checkpoints.Remove(steps => steps.Except(Kept(steps, trainer.Step, _best.Step)));
            _sampled.AddRange(Enumerable.Range(0, trainer.Epochs + 1).Where(plan.IsSampled));
            return;
        }
        string columns = string.Join(',', plan.Recipe.LogColumns.Select(column => column.Name));
        _losses = new AppendLog(folder.Losses, $"epoch,{columns},d_accuracy_real,d_accuracy_fake,seconds,images_per_second\n");
        _metrics = new AppendLog(folder.Metrics, "");
    }

    /// <summary>The latest sample grid, within the folder.</summary>
    public string LastGrid => RunFolder.Sample(_sampled[^1]);

    /// <inheritdoc/>
    public void Stepped(TrainingPosition position, StepResult result) => _progress.Stepped(position, result);

    /// <inheritdoc/>
    public void EpochEnded(EpochReport report)
    {
        var mean = report.Mean;
        _curves.AddRange([(float)mean.DiscriminatorLoss, (float)mean.GeneratorLoss, (float)mean.AccuracyOnReal, (float)mean.AccuracyOnFake]);
        double[] values =
        [
            .. _plan.Recipe.LogColumns.Select(column => column.Value(report.Log)), mean.AccuracyOnReal, mean.AccuracyOnFake,
            Math.Round(report.Seconds, 6), Math.Round(report.ImagesPerSecond, 2),
        ];
        _losses.Append($"{report.Epoch},{string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}");
        _metrics.Append(Json(report));
        _progress.EpochEnded(report);
        _energyDistance = report.Watch.EnergyDistance;
        foreach (var diagnosis in report.Watch.Diagnoses.Except(_diagnoses))
            _screen.Warn($"after epoch {report.Epoch} {CollapseDetector.Describe(diagnosis, mean, report.Watch)}");
        _diagnoses = report.Watch.Diagnoses;
    }

    /// <inheritdoc/>
    public void Sampled(int epoch, ReadOnlySpan<float> pictures)
    {
        WriteGrid(PathOf(epoch), pictures);
        _sampled.Add(epoch);
    }

    /// <inheritdoc/>
    public void CheckpointDue(int step, Action<IStateVisitor> state)
    {
        if (IsScheduled(step) && _energyDistance < _best.EnergyDistance)
            _best = (step, _energyDistance);
        int best = _best.Step;
        _checkpoints.Write(step, Note, Flush, steps => Kept(steps, step, best));

        void Note(Snapshot snapshot)
        {
            state(snapshot);
            VisitBest(snapshot);
            GeneratorFile.Describe(snapshot.Texts, _plan, _trainer.Model.Sampler);
            snapshot.Values(Curves, [_curves.Count / CurvesCount, CurvesCount], [.. _curves]);
            snapshot.Texts[Settings] = RunSettings.Fixed(_plan, _trainer);
        }

        void Flush()
        {
            _losses.Flush();
            _metrics.Flush();
        }
    }

    /// <summary>Waits until the last checkpoint is written.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: it could not be.</exception>
    public void FinishCheckpoints() => _checkpoints.Finish();

    /// <summary>The same where something else has failed already, which says more.</summary>
    public void FinishCheckpointsQuietly()
    {
        try
        {
            _checkpoints.Finish();
        }
        catch (GanException)
        {
            // whoever calls has a fault of its own to tell
        }
    }

    /// <summary>Refuses a folder whose logs lack lines that came before a checkpoint, before anything in it is changed.</summary>
    /// <exception cref="GanException">Data: they do, or aren't there.</exception>
    public static void RequireLogs(string folder, int epochs)
    {
        AppendLog.RequireLines(RunFolder.LossesOf(folder), 1 + epochs);
        AppendLog.RequireLines(RunFolder.MetricsOf(folder), epochs);
    }

    /// <summary>The fixed settings that a checkpoint holds.</summary>
    public static string SettingsOf(Checkpoint from) => from.Text(Settings);

    /// <summary>Writes the grid of real pictures: the first ones that training sees, or as many as a batch may have.</summary>
    public void WriteRealPictures(Device device)
    {
        int count = Math.Min(_plan.Samples, _plan.ImagesUsed);
        var batches = new Batches(_plan.Images, _plan.ImagesUsed, _plan.Recipe, count, device, SeedStream.Data.Of(_plan.Seed));
        using var real = batches.Next(0)[0];
        WriteGrid(_folder.RealSamples, real.ToArray());
    }

    /// <summary>Writes the curves, and the animation of the grids that are still there; it warns of those that aren't.</summary>
    public void WriteCurves(Screen screen)
    {
        string title = $"{_plan.Recipe.Name} on {_plan.Images.Name}, seed {_plan.Seed}";
        AtomicFile.WriteText(_folder.Curves, LossChart.Svg(
            title,
            Curve(0),
            Curve(1),
            Curve(2),
            Curve(3)));
        var lost = new SortedDictionary<int, string>();
        int[] epochs = [.. Thinned(_sampled, MostFrames)];
        var frames = Frames(epochs, lost);
        bool any = frames.Any();
        if (any)
            AtomicFile.Write(_folder.Animation, stream => Gif.Write(stream, frames));
        if (lost.Count > 0)
        {
            screen.Warn($"{_folder.Animation} {(any ? "lacks" : "isn't made: it would lack")} {lost.Count} of {epochs.Length} grids, "
                + $"the first that of epoch {lost.First().Key}. {lost.First().Value.TrimEnd('.')}.");
        }
    }

    // the best checkpoint so far, of those that every run under these settings has
    private void VisitBest(IStateVisitor visitor) =>
        _best = ((int)visitor.VisitInt64("best.step", _best.Step), visitor.VisitDouble("best.energy_distance", _best.EnergyDistance));

    /// <summary>
    /// The checkpoints that stay: the best and the newest ones that every run under these settings has, and the one just written. Those of interruptions
    /// and of a shorter run's end, and those after it where a run went on from an older one, go.
    /// </summary>
    private IEnumerable<int> Kept(int[] steps, int written, int best) => steps
        .Where(step => step == written || (step < written && IsScheduled(step)))
        .OrderDescending().Take(_keep).Append(best);

    // whether every run under these settings has a checkpoint of this step, whatever its length
    private bool IsScheduled(int step) => step % _trainer.StepsPerEpoch == 0 && step / _trainer.StepsPerEpoch % _plan.CheckpointEvery == 0;

    private double[] Curve(int which) => [.. Enumerable.Range(0, _curves.Count / CurvesCount).Select(epoch => (double)_curves[(epoch * CurvesCount) + which])];

    /// <summary>At most so many of the items, the first and the last among them, evenly spread.</summary>
    internal static IEnumerable<int> Thinned(IReadOnlyList<int> items, int most) => items.Count <= most
        ? items
        : Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / (most - 1))]);

    // Read when asked, so that a long run's grids need little memory. A long run also gives people time to remove some.
    private IEnumerable<Image> Frames(IReadOnlyList<int> epochs, SortedDictionary<int, string> lost)
    {
        foreach (int epoch in epochs.Where(epoch => !lost.ContainsKey(epoch)))
        {
            Image? frame = null;
            try
            {
                frame = Png.Read(PathOf(epoch));
                if ((frame.Width, frame.Height, frame.Channels) != _gridSize)
                    lost[epoch] = $"{PathOf(epoch)} is another picture now";
            }
            catch (GanException fault)
            {
                lost[epoch] = fault.Message;
            }
            if (frame is not null && !lost.ContainsKey(epoch))
                yield return frame;
        }
    }

    private string PathOf(int epoch) => Path.Combine(_folder.Name, RunFolder.Sample(epoch));

    private void WriteGrid(string path, ReadOnlySpan<float> pictures)
    {
        var (low, high) = _plan.Recipe.PixelRange;
        var grid = ImageGrid.Compose(pictures, _plan.Images.Shape, low, high, _grid.Rows, _grid.Columns);
        if (_plan.Recipe.GridsShowRed && grid.Channels == 3)
            grid = ImageGrid.RedOf(grid);
        AtomicFile.Write(path, stream => Png.Write(stream, grid));
        _gridSize = (grid.Width, grid.Height, grid.Channels);
    }

    private string Json(EpochReport report)
    {
        var mean = report.Mean;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", report.Epoch);
            json.WriteNumber("step", report.Step);
            foreach (var (name, value) in _plan.Recipe.LogColumns)
                json.WriteNumber(name, value(report.Log));
            json.WriteNumber("d_accuracy_real", mean.AccuracyOnReal);
            json.WriteNumber("d_accuracy_fake", mean.AccuracyOnFake);
            // norms are measured in an epoch's last step, which an interruption leaves out
            bool measured = report.Step % _trainer.StepsPerEpoch == 0 || report.Step == _trainer.TotalSteps;
            json.WriteOptional("d_gradient_norm", measured ? mean.DiscriminatorGradientNorm : double.NaN);
            json.WriteOptional("g_gradient_norm", measured ? mean.GeneratorGradientNorm : double.NaN);
            json.WriteOptional("variety", report.Watch.Variety);
            json.WriteOptional("nearest_variety", report.Watch.NearestVariety);
            json.WriteOptional("energy_distance", report.Watch.EnergyDistance);
            json.WriteOptional("d_dead_units", report.Watch.DeadUnitsOfD);
            json.WriteOptional("g_dead_units", report.Watch.DeadUnitsOfG);
            json.WriteStartArray("troubles");
            foreach (var diagnosis in report.Watch.Diagnoses)
                json.WriteStringValue(CollapseDetector.NameOf(diagnosis));
            json.WriteEndArray();
            json.WriteNumber("seconds", Math.Round(report.Seconds, 6));
            json.WriteNumber("images_per_second", Math.Round(report.ImagesPerSecond, 2));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}

using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

// curves[epochs, 4]: losses of D and G, D's accuracies on real and generated pictures

/// <summary>`loss.svg`: the curves of losses and accuracies, drawn anew after each epoch.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
/// <param name="screen">Gets a warning when an epoch's write fails.</param>
internal sealed class CurveSink(RunFolder folder, Trainer trainer, Screen screen) : IRunSink, IDisposable
{
    private const string Name = "curves";
    private static readonly Metric[] Shown = [Metric.DiscriminatorLoss, Metric.GeneratorLoss, Metric.AccuracyOnReal, Metric.AccuracyOnFake];
    private readonly List<float> _curves = [];
    private readonly RewrittenFile _file = new(screen);

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is not null)
            _curves.AddRange(from.Values(Name));
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        _curves.AddRange(Shown.Select(metric => (float)report.Mean[metric]));
        Draw();
    }

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot) => snapshot.Values(Name, [_curves.Count / Shown.Length, Shown.Length], [.. _curves]);

    /// <inheritdoc/>
    public void End(RunEnd end)
    {
        Draw();
        _file.Finish();
    }

    /// <summary>Waits until the file is written.</summary>
    public void Dispose() => _file.Dispose();

    private void Draw()
    {
        string title = $"{trainer.Recipe.Name} on {trainer.Images.Name}, seed {trainer.Request.Seed}";
        double[][] curves = [.. Enumerable.Range(0, Shown.Length).Select(Curve)];
        _file.Start(() => AtomicFile.WriteText(folder.Curves, LossChart.Svg(title, curves[0], curves[1], curves[2], curves[3])));
    }

    private double[] Curve(int which) => [.. _curves.Where((_, i) => i % Shown.Length == which).Select(value => (double)value)];
}

using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

// In checkpoints: curves[epochs, 4]: losses of D and G, D's accuracies on real and generated pictures; curves.steps[stretches, 4]: the same
// over stretches of steps; curves.energy_distance[epochs]. Older programs had only the first.

/// <summary>`loss.svg`: the curves of losses, accuracies and energy distances, drawn anew after each epoch.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
/// <param name="screen">Gets a warning when an epoch's write fails.</param>
internal sealed class CurveSink(RunFolder folder, Trainer trainer, Screen screen) : IRunSink, IDisposable
{
    private const string Name = "curves", StepsName = "curves.steps", EnergyName = "curves.energy_distance";

    // stands for NaN in a checkpoint, which holds finite numbers only
    private const float Missing = float.MaxValue;

    private static readonly Metric[] Shown = [Metric.DiscriminatorLoss, Metric.GeneratorLoss, Metric.AccuracyOnReal, Metric.AccuracyOnFake];
    private readonly List<float> _curves = [], _energy = [];
    private readonly StepMeans _steps = new(Shown);
    private readonly RewrittenFile _file = new(screen);

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is null)
            return;
        bool isOld = !from.Names.Contains(StepsName);
        _curves.AddRange(Saved(from, Name));
        _energy.AddRange(isOld ? Enumerable.Repeat(float.NaN, _curves.Count / Shown.Length) : Saved(from, EnergyName));
        _steps.Restore(trainer.Step, isOld ? [] : Saved(from, StepsName));
    }

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics) => _steps.Add(position.Step, metrics);

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        _curves.AddRange(Shown.Select(metric => (float)report.Mean[metric]));
        _energy.Add((float)report.Collapse.EnergyDistance);
        Draw();
    }

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot)
    {
        Save(Name, [_curves.Count / Shown.Length, Shown.Length], [.. _curves]);
        Save(StepsName, [_steps.Values.Length / Shown.Length, Shown.Length], [.. _steps.Values]);
        Save(EnergyName, [_energy.Count], [.. _energy]);

        void Save(string name, int[] shape, float[] values) =>
            snapshot.Values(name, shape, [.. values.Select(value => float.IsFinite(value) ? value : Missing)]);
    }

    /// <inheritdoc/>
    public void End(RunEnd end)
    {
        Draw();
        _file.Finish();
    }

    /// <summary>Waits until the file is written.</summary>
    public void Dispose() => _file.Dispose();

    private static float[] Saved(Checkpoint from, string name) =>
        [.. from.Values(name).ToArray().Select(value => value == Missing ? float.NaN : value)];

    private void Draw()
    {
        string title = $"{trainer.Recipe.Name} on {trainer.Images.Name}, seed {trainer.Request.Seed}";
        ChartPoint[][] stretches = [.. Shown.Select((_, i) => Curve([.. _steps.Values], i, Shown.Length, _steps.Middle))];
        ChartPoint[][] epochs = [.. Shown.Select((_, i) => Curve(_curves, i, Shown.Length, Middle)), Curve(_energy, 0, 1, End)];
        int width = _steps.Width, steps = trainer.Step;
        _file.Start(() => AtomicFile.WriteText(folder.Curves, LossChart.Svg(title, epochs, stretches, width, steps)));
    }

    private static ChartPoint[] Curve(IReadOnlyList<float> values, int column, int columns, Func<int, double> x) =>
        [.. Enumerable.Range(0, values.Count / columns).Select(row => new ChartPoint(x(row), values[(row * columns) + column]))];

    // the step at which an epoch, from 0, ended; the last one may be a part of one
    private double End(int epoch) => Math.Min((epoch + 1.0) * trainer.StepsPerEpoch, trainer.Step);

    private double Middle(int epoch) => (((double)epoch * trainer.StepsPerEpoch) + 1 + End(epoch)) / 2;
}

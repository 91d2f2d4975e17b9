using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Serve;

// points[n,2]: x and y; as networks see them, divided by the mixture's scale

/// <summary>A small GAN on a mixture of the plane that is trained step by step, or half a step, while one looks on.</summary>
internal sealed class LiveMixture : IDisposable
{
    private const int Points = 500, Arrows = 120, Side = 40;
    private readonly Mixture _mixture;
    private readonly Objective _objective;
    private readonly ulong _seed;
    private readonly int _batch;
    private readonly CpuDevice _device = new(1);
    private readonly GanModel _model;
    private readonly TrainingNoise _noise;
    private readonly StepRunner _runner;
    private readonly PendingMetrics _pending;
    private readonly Tensor _shown, _places;
    private readonly float[] _real;
    private readonly Kernels.RandomStream _data;
    private double _lossOfD = double.NaN, _lossOfG = double.NaN;

    /// <summary>Makes new networks.</summary>
    /// <param name="mixture">The mixture.</param>
    /// <param name="recipe">The networks.</param>
    /// <param name="objective">The loss.</param>
    /// <param name="optimiser">What is asked of the optimisers.</param>
    /// <param name="seed">The seed of everything random.</param>
    /// <param name="steps">Steps over which rates fall.</param>
    /// <param name="batch">Points in a batch.</param>
    public LiveMixture(
        Mixture mixture, Recipe recipe, Objective objective, OptimiserRequest optimiser, ulong seed, int steps, int batch)
    {
        (_mixture, _objective, _seed, _batch) = (mixture, objective, seed, batch);
        TotalSteps = steps;
        _model = recipe.Build(new BuildContext(_device, mixture.Shape, seed) { Objective = objective, Optimiser = optimiser });
        _noise = new TrainingNoise(recipe, _device, seed);
        _runner = new StepRunner(recipe, _model, objective, _noise, batch, steps);
        _pending = new PendingMetrics(recipe.Metrics, lag: 0);
        _data = SeedStream.Mixture.Of(seed);
        _shown = new Tensor(_device, new Shape(Points, recipe.NoiseSize));
        recipe.DrawNoise(SeedStream.Samples.Of(seed), _shown);
        using var real = mixture.Sample(_device, SeedStream.Synthetic.Of(seed), Points);
        _real = real.ToArray();
        _places = Tensor.From(_device, new Shape(Side * Side, 2 * objective.Pack), Packed([.. Grid()]));
    }

    /// <summary>Steps of the whole run.</summary>
    public int TotalSteps { get; }

    /// <summary>Updates of G so far.</summary>
    public int Step { get; private set; }

    /// <summary>Takes a step, or the half of one.</summary>
    public void Take(StepPart part)
    {
        var reals = new Tensor[_objective.DiscriminatorSteps];
        for (int i = 0; i < reals.Length; i++)
            reals[i] = _mixture.Sample(_device, _data, _batch);
        _runner.Run(Step, reals, _pending.Add(Step + 1), part: part);
        foreach (var real in reals)
            real.Dispose();
        while (_pending.TryRead(0, out _, out var metrics))
        {
            if (part != StepPart.Generator)
                _lossOfD = Finite(metrics[Metric.DiscriminatorLoss]);
            if (part != StepPart.Discriminator)
                _lossOfG = Finite(metrics[Metric.GeneratorLoss]);
        }
        Step += part == StepPart.Discriminator ? 0 : 1;

        double Finite(double loss) => double.IsFinite(loss) ? loss : throw new GanException(
            ExitCode.Diverged, $"Diverged at step {Step + 1}: a loss is NaN or infinite. Begin again; another seed or loss may help.");
    }

    /// <summary>Writes what stays: the set, the loss, real points.</summary>
    public void WriteSetting(Utf8JsonWriter json)
    {
        json.WriteString("set", _mixture.Name);
        json.WriteNumber("modes", _mixture.Modes);
        json.WriteNumber("extent", _mixture.Extent);
        json.WriteString("objective", $"{_objective}");
        json.WriteString("seed", $"{_seed}");
        json.WriteNumber("total_steps", TotalSteps);
        json.WriteNumber("side", Side);
        Write(json, "real", _real, _mixture.Scale);
    }

    /// <summary>
    /// Writes what changes: losses, how well modes are covered, generated points, D's outputs on a square of places from the upper left on,
    /// and D's slope at some of the points: the way that G is led.
    /// </summary>
    public void WriteState(Utf8JsonWriter json)
    {
        using var tape = _model.NewTape();
        float[] generated = _model.Sampler.Forward(tape.Constant(_shown), Pass.Inference with { Detached = true }).Value.ToArray();
        var judged = _model.Discriminator.Forward(tape.Constant(_places), Pass.Inference with { Detached = true }).Value;
        float[] slopes = SlopesAt(tape, generated);
        var score = _mixture.Score(generated);
        json.WriteNumber("step", Step);
        json.WriteOptional("d_loss", _lossOfD);
        json.WriteOptional("g_loss", _lossOfG);
        json.WriteNumber("covered", score.Covered);
        json.WriteOptional("high_quality", score.HighQuality ?? double.NaN);
        Write(json, "generated", generated, _mixture.Scale);
        Write(json, "slopes", slopes.AsSpan(0, 2 * Arrows), 1f);
        Write(json, "heat", judged.ToArray(), 1f);
    }

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose()
    {
        _shown.Dispose();
        _places.Dispose();
        _runner.Dispose();
        _noise.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    private float[] SlopesAt(Tape tape, float[] points)
    {
        int columns = 2 * _objective.Pack;
        using var packed = Tensor.From(_device, new Shape(Points, columns), Packed(points));
        var x = tape.Variable(packed);
        float[] slopes = Penalties.InputGradients([_model.Discriminator.Forward(x, Pass.Inference)], [x])[x].Value.ToArray();
        return [.. Enumerable.Range(0, 2 * Points).Select(i => slopes[(i / 2 * columns) + (i % 2)])];
    }

    // where D sees several points together, each is shown beside itself
    private float[] Packed(float[] points) =>
        [.. points.Chunk(2).SelectMany(point => Enumerable.Repeat(point, _objective.Pack).SelectMany(one => one))];

    private IEnumerable<float> Grid()
    {
        float extent = _mixture.Extent / _mixture.Scale;
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                yield return extent * ((2f * (column + 0.5f) / Side) - 1f);
                yield return extent * (1f - (2f * (row + 0.5f) / Side));
            }
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<float> values, float scale)
    {
        json.WriteStartArray(name);
        foreach (float value in values)
            json.WriteOptionalValue(Math.Round((double)value * scale, 4));
        json.WriteEndArray();
    }
}

using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

/// <summary>Trains a small GAN on a set of known modes, and scores its samples.</summary>
internal sealed class ModesRun
{
    private const int Frames = 64, AtOnce = 500;

    /// <summary>The set.</summary>
    public required ModeSet Set { get; init; }

    /// <summary>The networks and optimisers.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The loss and its options.</summary>
    public required Objective Objective { get; init; }

    /// <summary>The seed of all random numbers.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of training steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Samples in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>What is asked of the optimisers.</summary>
    public OptimiserRequest Optimiser { get; init; } = new();

    /// <summary>Receives drawings of samples during training; null draws none.</summary>
    public List<Image>? Pictures { get; init; }

    /// <summary>Trains to the end.</summary>
    /// <param name="device">The device.</param>
    /// <param name="stepped">Called after each step.</param>
    /// <param name="stop">Cancels training between two steps.</param>
    /// <returns>The score, and the duration.</returns>
    /// <exception cref="GanException">Diverged: a loss is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public (ModesScore Score, double Seconds) Run(Device device, Action stepped, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        using var model = Recipe.Build(new BuildContext(device, Set.Shape, Seed) { Objective = Objective, Optimiser = Optimiser });
        using var noise = new TrainingNoise(Recipe, device, Seed);
        using var runner = new StepRunner(Recipe, model, Objective, noise, Batch, Steps);
        var pending = new PendingMetrics(Recipe.Metrics, PendingMetrics.LagOn(device));
        var data = SeedStream.Mixture.Of(Seed);
        var reals = new Tensor[Objective.DiscriminatorSteps];
        int frame = 0;
        for (int step = 0; step < Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            if (Pictures is not null && step >= FrameAt(frame))
            {
                Pictures.Add(Drawing(model));
                while (FrameAt(frame) <= step)
                    frame++;
            }
            for (int i = 0; i < reals.Length; i++)
                reals[i] = Set.Sample(device, data, Batch);
            runner.Run(step, reals, pending.Add(step + 1));
            foreach (var real in reals)
                real.Dispose();
            while (pending.TryRead(step == Steps - 1 ? 0 : pending.Lag, out int read, out var metrics))
                RequireFinite(read, metrics);
            stepped();
        }
        Pictures?.Add(Drawing(model));
        var tally = Set.NewTally();
        foreach (float[] samples in Samples(model, Set.Samples))
            Set.Count(samples, tally);
        return (tally.Score, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    // closer together at first, when points move most
    private double FrameAt(int frame) => Steps * Math.Pow(frame / (double)Frames, 2);

    private Image Drawing(GanModel model) => Set.Draw([.. Samples(model, Set.Shown).SelectMany(samples => samples)]);

    // of the same noise at every call, some hundreds at a time
    private IEnumerable<float[]> Samples(GanModel model, int count)
    {
        var random = SeedStream.Samples.Of(Seed);
        for (int from = 0; from < count; from += AtOnce)
        {
            using var noise = new Tensor(model.Device, new Shape(Math.Min(AtOnce, count - from), Recipe.NoiseSize));
            Recipe.DrawNoise(random, noise);
            yield return model.Sample(noise, Autograd.Pass.Inference);
        }
    }

    private void RequireFinite(int step, MetricValues metrics)
    {
        if (double.IsFinite(metrics[Metric.DiscriminatorLoss]) && double.IsFinite(metrics[Metric.GeneratorLoss]))
            return;
        throw new GanException(
            ExitCode.Diverged,
            $"Training diverged: a loss of {Set.Name}, seed {Seed}, is NaN or infinite at step {step}. Try a lower --learning-rate.");
    }
}

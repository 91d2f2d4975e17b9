using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

/// <summary>Trains one small GAN on a mixture, and judges its points.</summary>
internal sealed class ModesRun
{
    /// <summary>Points that are judged.</summary>
    public const int Samples = 2_500;

    private const int Frames = 64;
    private static readonly PictureShape Point = new(1, 1, 2);

    /// <summary>What is learnt.</summary>
    public required Mixture Mixture { get; init; }

    /// <summary>The networks and optimisers.</summary>
    public required ModesRecipe Recipe { get; init; }

    /// <summary>What they play for.</summary>
    public required Objective Objective { get; init; }

    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Training steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Points in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>In place of the recipe's learning rates.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Where pictures of the points go while they move onto the modes; null makes none.</summary>
    public List<Image>? Pictures { get; init; }

    /// <summary>Trains to the end.</summary>
    /// <param name="device">Where.</param>
    /// <param name="stepped">Hears of each step.</param>
    /// <param name="stop">Ends it between two steps.</param>
    /// <exception cref="GanException">A loss became NaN or infinite (diverged).</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public (ModesScore Score, double Seconds) Run(Device device, Action stepped, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        using var model = Recipe.Build(new BuildContext(device, Point, Seed) { Objective = Objective, LearningRate = LearningRate });
        var noise = new TrainingNoise(Recipe, device, Seed);
        var runner = new StepRunner(Recipe, model, Objective, noise, Batch, Steps);
        var pending = new PendingMetrics(Recipe.Metrics, PendingMetrics.LagOn(device));
        var data = SeedStream.Mixture.Of(Seed);
        using var fixedNoise = noise.Fixed(Samples);
        var reals = new Tensor[Objective.DiscriminatorSteps];
        int frame = 0;
        for (int step = 0; step < Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            if (Pictures is not null && step >= FrameAt(frame))
            {
                Pictures.Add(Scatter.Draw(Mixture, Points(model, fixedNoise)));
                while (FrameAt(frame) <= step)
                    frame++;
            }
            for (int i = 0; i < reals.Length; i++)
                reals[i] = Mixture.Draw(device, data, Batch);
            runner.Run(step, reals, pending.Add(step + 1));
            foreach (var real in reals)
                real.Dispose();
            while (pending.TryRead(step == Steps - 1 ? 0 : pending.Lag, out int read, out var metrics))
                RequireFinite(read, metrics);
            stepped();
        }
        var points = Points(model, fixedNoise);
        Pictures?.Add(Scatter.Draw(Mixture, points));
        return (Mixture.Score(points), Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    // close together at first, when points move most
    private double FrameAt(int frame) => Steps * Math.Pow(frame / (double)Frames, 2);

    private static float[] Points(GanModel model, Tensor noise) => model.Sample(noise, Autograd.Pass.Inference);

    private void RequireFinite(int step, MetricValues metrics)
    {
        if (double.IsFinite(metrics[Metric.DiscriminatorLoss]) && double.IsFinite(metrics[Metric.GeneratorLoss]))
            return;
        throw new GanException(
            ExitCode.Diverged,
            $"Training diverged: a loss of {Mixture.Name}, seed {Seed}, is not a finite number any more at step {step}. A lower --learning-rate may help.");
    }
}

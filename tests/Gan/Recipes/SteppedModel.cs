using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>A recipe's model whose training steps are taken one by one, and read at once.</summary>
internal sealed class SteppedModel : IDisposable
{
    private const int TotalSteps = 1000;
    private readonly Recipe _recipe;
    private readonly Objective _objective;
    private readonly DeferredMetrics _metrics;
    private readonly int _batch;
    private StepRunner? _runner;
    private (Action<Sequential, Gradients>?, INoiseSource) _ofRunner;

    /// <param name="recipe">The recipe.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="pixels">Numbers in a picture.</param>
    /// <param name="seed">Of weights and noise.</param>
    /// <param name="learningRate">In place of the recipe's.</param>
    /// <param name="batch">In place of the recipe's.</param>
    /// <param name="objective">In place of the recipe's.</param>
    public SteppedModel(
        Recipe recipe, Device device, int pixels, ulong seed, float? learningRate = null, int? batch = null, Objective? objective = null)
        : this(recipe, device, Row(pixels), seed, learningRate, batch, objective)
    {
    }

    public SteppedModel(
        Recipe recipe, Device device, PictureShape picture, ulong seed, float? learningRate = null, int? batch = null,
        Objective? objective = null, int classes = 0)
    {
        _recipe = recipe;
        _objective = objective ?? recipe.Objective;
        _metrics = new DeferredMetrics(recipe.Metrics);
        _batch = batch ?? recipe.Batch;
        var optimiser = new OptimiserRequest { LearningRate = learningRate };
        Model = recipe.Build(new BuildContext(device, picture, seed) { Objective = _objective, Optimiser = optimiser, Classes = classes });
        Noise = new TrainingNoise(recipe, device, seed, classes);
    }

    public GanModel Model { get; }

    public INoiseSource Noise { get; set; }

    /// <summary>Sees the gradients of every update.</summary>
    public Action<Sequential, Gradients>? GradientsSeen { get; set; }

    /// <summary>A picture of so many numbers.</summary>
    public static PictureShape Row(int pixels) => new(1, pixels, 1);

    /// <summary>Takes a step, at the run's start unless a progress from 0 to 1 is given.</summary>
    public MetricValues Step(ReadOnlySpan<Tensor> reals, double progress = 0)
    {
        Run(reals, progress);
        var values = new MetricValues(_recipe.Metrics);
        _metrics.Resolve(values);
        return values;
    }

    /// <summary>Takes a step on one batch.</summary>
    public MetricValues Step(Tensor real) => Step([real]);

    /// <summary>Takes a step whose losses nobody reads.</summary>
    public void Run(ReadOnlySpan<Tensor> reals, double progress = 0)
    {
        // one for all steps, which may be replayed, unless something else is to be seen or drawn
        if (_runner is null || _ofRunner != (GradientsSeen, Noise))
        {
            _runner?.Dispose();
            _runner = new StepRunner(_recipe, Model, _objective, Noise, _batch, TotalSteps) { GradientsSeen = GradientsSeen };
            _ofRunner = (GradientsSeen, Noise);
        }
        _metrics.Clear();
        _runner.Run((int)(progress * TotalSteps), reals, _metrics);
    }

    /// <summary>Why steps are not replayed, where they could be.</summary>
    public string? ReplayRefusal => _runner?.ReplayRefusal;

    public void Dispose()
    {
        _runner?.Dispose();
        (Noise as TrainingNoise)?.Dispose();
        Model.Dispose();
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>Takes training steps: the recipe's own, or an adversarial one if another objective than the recipe's needs it.</summary>
public sealed class StepRunner : IDisposable
{
    private readonly Recipe _recipe;
    private readonly GanModel _model;
    private readonly Objective _objective;
    private readonly INoiseSource _noise;
    private readonly int _batch;
    private readonly Schedule _schedule;
    private readonly StepScalar _number = 1, _rateFactor = 1, _instanceNoise = 0;
    private readonly StepReplays? _replays;

    /// <summary>Makes a runner for a model.</summary>
    /// <param name="recipe">The recipe that built the model.</param>
    /// <param name="model">The networks and their optimisers.</param>
    /// <param name="objective">The loss and its regularisers.</param>
    /// <param name="noise">The source of noise vectors and masks.</param>
    /// <param name="batch">Pictures in a whole batch.</param>
    /// <param name="totalSteps">Steps of the whole run, over which rates and noise fall.</param>
    public StepRunner(Recipe recipe, GanModel model, Objective objective, INoiseSource noise, int batch, int totalSteps)
    {
        (_recipe, _model, _objective, _noise, _batch) = (recipe, model, objective, noise, batch);
        _schedule = new Schedule(objective, totalSteps);
        RunsRecipesStep = objective == recipe.Objective || objective.KeepsOwnStep;
        if (recipe.StepsAreAlike && model.Device is AcceleratorDevice { CanReplay: true } device)
            _replays = new StepReplays(device, (reals, metrics) => Take(reals, metrics, measuresNorms: false));
    }

    /// <summary>Whether the recipe's own step runs.</summary>
    public bool RunsRecipesStep { get; }

    /// <summary>Why steps are not replayed where they could be; null if they are, or may be.</summary>
    internal string? ReplayRefusal => _replays?.Refusal;

    /// <summary>Sees the gradients of every update before it is made.</summary>
    internal Action<Sequential, Gradients>? GradientsSeen { get; init; }

    /// <summary>Takes one step, then moves the generator's average.</summary>
    /// <param name="done">Steps taken before.</param>
    /// <param name="reals">
    /// A batch of real pictures [N, pixels] for each update of D: one, unless the objective asks for more; for a conditional recipe, then
    /// the labels [N] of each.
    /// </param>
    /// <param name="metrics">Where the step reports to.</param>
    /// <param name="measuresNorms">Whether it measures the norms of gradients.</param>
    /// <param name="part">What is taken of it; a part is always of an adversarial step.</param>
    public void Run(
        int done, ReadOnlySpan<Tensor> reals, DeferredMetrics metrics, bool measuresNorms = false, StepPart part = StepPart.Whole)
    {
        (_rateFactor.Value, _instanceNoise.Value) = _schedule.After(done);
        _number.Value = done + 1;
        if (_replays is null || measuresNorms || GradientsSeen is not null || part != StepPart.Whole)
            Take(reals, metrics, measuresNorms, part);
        else
            _replays.Run(reals, metrics);
        metrics.Read();
    }

    /// <summary>Gives what was recorded of its steps back to the device.</summary>
    public void Dispose() => _replays?.Dispose();

    private void Take(ReadOnlySpan<Tensor> reals, DeferredMetrics metrics, bool measuresNorms, StepPart part = StepPart.Whole)
    {
        foreach (var scalar in (ReadOnlySpan<StepScalar>)[_number, _rateFactor, _instanceNoise])
            scalar.Forget();
        int labels = _recipe.IsConditional ? reals.Length / 2 : 0;
        var step = new StepContext
        {
            Recipe = _recipe,
            Model = _model,
            Objective = _objective,
            Reals = reals[..(reals.Length - labels)],
            LabelsOfReals = reals[(reals.Length - labels)..],
            Noise = _noise,
            Metrics = metrics,
            Batch = _batch,
            Number = _number,
            RateFactor = _rateFactor,
            InstanceNoise = _instanceNoise,
            MeasuresNorms = measuresNorms,
            GradientsSeen = GradientsSeen,
        };
        if (measuresNorms)
        {
            var unmeasured = DeferredMetric.Constant(double.NaN);
            metrics[Metric.DiscriminatorGradientNorm] = metrics[Metric.GeneratorGradientNorm] = unmeasured;
        }
        if (RunsRecipesStep && part == StepPart.Whole)
            _recipe.Step(step);
        else
            AdversarialStep.Run(step, part);
        if (part != StepPart.Discriminator)
            _model.UpdateAverage();
        metrics.Gather();
        if (_number.WasRead || _rateFactor.WasRead || _instanceNoise.WasRead)
            (_model.Device as AcceleratorDevice)?.RefuseReplay("it reads a number that changes from step to step");
    }
}

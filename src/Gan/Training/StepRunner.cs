using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>Takes training steps: the recipe's own, or an adversarial one if another objective than the recipe's needs it.</summary>
/// <param name="recipe">The recipe that built the model.</param>
/// <param name="model">The networks and their optimisers.</param>
/// <param name="objective">The loss and its regularisers.</param>
/// <param name="noise">The source of noise vectors and masks.</param>
/// <param name="batch">Pictures in a whole batch.</param>
/// <param name="totalSteps">Steps of the whole run, over which rates and noise fall.</param>
public sealed class StepRunner(Recipe recipe, GanModel model, Objective objective, INoiseSource noise, int batch, int totalSteps)
{
    private readonly Schedule _schedule = new(objective, totalSteps);

    /// <summary>Whether the recipe's own step runs.</summary>
    public bool RunsRecipesStep { get; } = objective == recipe.Objective || objective.KeepsOwnStep;

    /// <summary>Sees the gradients of every update before it is made.</summary>
    internal Action<Sequential, Gradients>? GradientsSeen { get; init; }

    /// <summary>Takes one step, then moves the generator's average.</summary>
    /// <param name="done">Steps taken before.</param>
    /// <param name="reals">A batch of real pictures [N, pixels] for each update of D: one, unless the objective asks for more.</param>
    /// <param name="metrics">Where the step reports to.</param>
    /// <param name="measuresNorms">Whether it measures the norms of gradients.</param>
    public void Run(int done, ReadOnlySpan<Tensor> reals, DeferredMetrics metrics, bool measuresNorms = false)
    {
        var (rateFactor, instanceNoise) = _schedule.After(done);
        var step = new StepContext
        {
            Recipe = recipe,
            Model = model,
            Objective = objective,
            Reals = reals,
            Noise = noise,
            Metrics = metrics,
            Batch = batch,
            Number = done + 1,
            RateFactor = rateFactor,
            InstanceNoise = instanceNoise,
            MeasuresNorms = measuresNorms,
            GradientsSeen = GradientsSeen,
        };
        if (measuresNorms)
        {
            var unmeasured = DeferredMetric.Constant(double.NaN);
            metrics[Metric.DiscriminatorGradientNorm] = metrics[Metric.GeneratorGradientNorm] = unmeasured;
        }
        if (RunsRecipesStep)
            recipe.Step(step);
        else
            AdversarialStep.Run(step);
        model.UpdateAverage();
        metrics.Submit();
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// Finds the first number that isn't finite. Losses are read every step anyway, and <see cref="Adam"/> checks what it writes, gradients by
/// way of their squares, so nothing is read twice.
/// </summary>
internal static class Divergence
{
    /// <summary>Checks both optimisers.</summary>
    /// <exception cref="GanException">Diverged: a gradient or a parameter is NaN or infinite; the message names the first.</exception>
    public static void Require(GanModel model, int stepsPerEpoch)
    {
        if (First(model) is { } first)
            throw Diverged(model, first.Place, first.Step, stepsPerEpoch);
    }

    /// <summary>Checks a step's losses, and, if one isn't finite, what came before it.</summary>
    /// <exception cref="GanException">Diverged: a loss is NaN or infinite; the message names the first of all such places.</exception>
    public static void Require(GanModel model, int stepsPerEpoch, MetricValues metrics, int step)
    {
        bool d = double.IsFinite(metrics[Metric.DiscriminatorLoss]), g = double.IsFinite(metrics[Metric.GeneratorLoss]);
        if (d && g)
            return;
        // G's loss of a step comes after D's update in it
        if (First(model) is { } first && (first.Step < step || (d && first.Step == step && first.OfD)))
            throw Diverged(model, first.Place, first.Step, stepsPerEpoch);
        throw Diverged(model, d ? "G's loss" : "D's loss", step, stepsPerEpoch);
    }

    // in a step D's updates come before G's
    private static (string Place, int Step, bool OfD)? First(GanModel model)
    {
        var (d, g) = (model.DiscriminatorAdam.FirstNonFinite, model.GeneratorAdam.FirstNonFinite);
        if (d is { } ofD && (g is null || ofD.Step <= g.Value.Step))
            return ($"D's {ofD.Parameter.Name} or its gradient", ofD.Step, true);
        return g is { } ofG ? ($"G's {ofG.Parameter.Name} or its gradient", ofG.Step, false) : null;
    }

    private static GanException Diverged(GanModel model, string place, int step, int stepsPerEpoch) => new(
        ExitCode.Diverged,
        $"Training diverged: {place} is not finite any more at step {step:N0} (epoch {((step - 1) / stepsPerEpoch) + 1}). "
        + $"Half the learning rate may help: {Advice.LowerRates(model)}. What was written before stays.");
}

using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The two kinds of training step that several recipes share.</summary>
public static class GanSteps
{
    /// <summary>Takes a simultaneous step: one noise, one forward pass of everything, both gradients from it, then both updates.</summary>
    /// <param name="step">What the step works on.</param>
    /// <param name="z">Noise vectors [M, z].</param>
    /// <param name="logits">Turns D's output into what the loss takes for logits.</param>
    /// <param name="logged">The function of D's output whose mean is reported.</param>
    public static void Simultaneous<F>(StepContext step, Tensor z, Func<Var, Var> logits, F logged)
        where F : struct, IMap
    {
        var (g, d, metrics) = (step.Generator, step.Discriminator, step.Metrics);
        var passOfDiscriminator = step.Recipe.DiscriminatorPass(step.Noise.Masks);
        using var tape = step.NewTape();
        var fake = g.Forward(tape.Constant(z), Pass.Training());
        var onReal = d.Forward(tape.Constant(step.Real), passOfDiscriminator);
        var onFake = d.Forward(fake, passOfDiscriminator);
        var dLoss = BceWithLogitsOps.BceWithLogitsOfBoth(logits(onReal), logits(onFake));
        var gLoss = logits(onFake).BceWithLogits(1f);

        ReportAccuracies(metrics, onReal, onFake);
        metrics[Metric.OutputOnReal] = DeferredMetric.Mean(logged, onReal.Value);
        metrics[Metric.OutputOnFake] = DeferredMetric.Mean(logged, onFake.Value);
        metrics[Metric.DiscriminatorLoss] = DeferredMetric.Of(dLoss.Value);
        metrics[Metric.GeneratorLoss] = DeferredMetric.Of(gLoss.Value);
        var dGradients = step.Differentiate(d, tape, dLoss);
        var gGradients = step.Differentiate(g, tape, gLoss);
        step.Apply(d, dGradients);
        step.Apply(g, gGradients);
    }

    /// <summary>
    /// Takes an alternating step: an update of D on real and detached generated pictures, then one of G against the new D.
    /// </summary>
    /// <param name="step">What the step works on.</param>
    /// <param name="zOfD">Noise vectors for D's generated pictures.</param>
    /// <param name="zOfG">Noise vectors for G's update.</param>
    /// <param name="passOfD">G's forward pass for D's update.</param>
    /// <param name="passOfG">G's forward pass for its own.</param>
    /// <param name="lossOfD">D's loss of its outputs on real and on generated pictures; cross-entropy if null.</param>
    /// <param name="lossOfG">G's loss of D's outputs on generated pictures; cross-entropy against 1 if null.</param>
    public static void Alternating(
        StepContext step, Tensor zOfD, Tensor zOfG, Pass passOfD, Pass passOfG,
        Func<Var, Var, Var>? lossOfD = null, Func<Var, Var>? lossOfG = null)
    {
        var (g, d, metrics) = (step.Generator, step.Discriminator, step.Metrics);
        var passOfDiscriminator = step.Recipe.DiscriminatorPass(step.Noise.Masks);
        using (var tape = step.NewTape())
        {
            var fake = g.Forward(tape.Constant(zOfD), passOfD with { Detached = true }); // no gradient reaches G
            var onReal = d.Forward(tape.Constant(step.Real), passOfDiscriminator);
            var onFake = d.Forward(fake, passOfDiscriminator);
            var dLoss = lossOfD is null ? BceWithLogitsOps.BceWithLogitsOfBoth(onReal, onFake) : lossOfD(onReal, onFake);
            ReportAccuracies(metrics, onReal, onFake);
            metrics[Metric.DiscriminatorLoss] = DeferredMetric.Of(dLoss.Value);
            step.Update(d, tape, dLoss);
        }
        using (var tape = step.NewTape())
        {
            var onFake = d.Forward(g.Forward(tape.Constant(zOfG), passOfG), passOfDiscriminator);
            var gLoss = lossOfG is null ? onFake.BceWithLogits(1f) : lossOfG(onFake);
            metrics[Metric.GeneratorLoss] = DeferredMetric.Of(gLoss.Value);
            step.Update(g, tape, gLoss);
        }
    }

    private static void ReportAccuracies(DeferredMetrics metrics, Var onReal, Var onFake)
    {
        metrics[Metric.AccuracyOnReal] = DeferredMetric.ShareOfPositive(onReal.Value);
        metrics[Metric.AccuracyOnFake] = 1 - DeferredMetric.ShareOfPositive(onFake.Value);
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The two kinds of training step that several recipes share.</summary>
internal static class GanSteps
{
    /// <summary>One noise, one forward pass of everything; both gradients from it, then both updates.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="real">Real pictures [N, pixels].</param>
    /// <param name="z">Noise [M, z].</param>
    /// <param name="judged">What the loss takes for logits, from D's output.</param>
    /// <param name="logged">What is logged of D's output, as a mean.</param>
    public static LateStepResult Simultaneous<F>(GanModel model, Tensor real, Tensor z, Func<Var, Var> judged, F logged)
        where F : struct, IMap
    {
        Sequential g = model.Generator, d = model.Discriminator;
        using var tape = model.NewTape();
        var fake = g.Forward(tape.Constant(z), Pass.Training());
        var onReal = d.Forward(tape.Constant(real), Pass.Inference);
        var onFake = d.Forward(fake, Pass.Inference);
        var dLoss = judged(onReal).BceWithLogits(1f).Add(judged(onFake).BceWithLogits(0f));
        var gLoss = judged(onFake).BceWithLogits(1f);

        var result = Judged(onReal, onFake);
        result.OutputOnReal = GanModel.Mean(logged, onReal.Value);
        result.OutputOnFake = GanModel.Mean(logged, onFake.Value);
        result.DiscriminatorLoss = LateNumber.Of(dLoss.Value);
        result.GeneratorLoss = LateNumber.Of(gLoss.Value);
        var dGradients = model.Differentiate(d, tape, dLoss, ref result);
        var gGradients = model.Differentiate(g, tape, gLoss, ref result);
        model.Apply(d, dGradients);
        model.Apply(g, gGradients);
        return result;
    }

    /// <summary>A D update on reals and on fakes that are constants to it, then a G update against the new D.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="real">Real pictures [N, pixels].</param>
    /// <param name="zOfD">The noise of D's fakes.</param>
    /// <param name="zOfG">The noise of G's.</param>
    /// <param name="passOfD">How G makes D's fakes.</param>
    /// <param name="passOfG">How it makes its own.</param>
    /// <param name="loss">The loss of D's output against a target.</param>
    public static LateStepResult Alternating(
        GanModel model, Tensor real, Tensor zOfD, Tensor zOfG, Pass passOfD, Pass passOfG, Func<Var, float, Var> loss)
    {
        Sequential g = model.Generator, d = model.Discriminator;
        LateStepResult result;
        using (var tape = model.NewTape())
        {
            var fake = g.Forward(tape.Constant(zOfD), passOfD).Value;
            var onReal = d.Forward(tape.Constant(real), Pass.Inference);
            var onFake = d.Forward(tape.Constant(fake), Pass.Inference); // a constant: no gradient reaches G
            var dLoss = loss(onReal, 1f).Add(loss(onFake, 0f));
            result = Judged(onReal, onFake);
            result.DiscriminatorLoss = LateNumber.Of(dLoss.Value);
            model.Update(d, tape, dLoss, ref result);
        }
        using (var tape = model.NewTape())
        {
            var gLoss = loss(d.Forward(g.Forward(tape.Constant(zOfG), passOfG), Pass.Inference), 1f);
            result.GeneratorLoss = LateNumber.Of(gLoss.Value);
            model.Update(g, tape, gLoss, ref result);
        }
        return result;
    }

    private static LateStepResult Judged(Var onReal, Var onFake) => new()
    {
        AccuracyOnReal = GanModel.ShareOfPositive(onReal.Value),
        AccuracyOnFake = 1 - GanModel.ShareOfPositive(onFake.Value),
    };
}

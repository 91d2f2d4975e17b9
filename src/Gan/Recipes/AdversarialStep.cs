using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The training step of any loss and regularisers: D's updates, each on reals and fresh fakes that are constants to it, then an update of G on fresh
/// noise against the new D. It takes the place of a recipe's own step where a model's <see cref="Objective"/> asks for something else than that.
/// </summary>
internal static class AdversarialStep
{
    /// <summary>One step.</summary>
    /// <param name="model">The networks; their objective says what is minimised.</param>
    /// <param name="reals">Real pictures [N, pixels] for each update of D; N is a multiple of the pack.</param>
    /// <param name="noise">Where noise comes from.</param>
    public static LateStepResult Run(GanModel model, ReadOnlySpan<Tensor> reals, INoiseSource noise)
    {
        var result = new LateStepResult();
        bool measures = model.MeasureGradients;
        for (int i = 0; i < reals.Length; i++)
        {
            // only the last update is reported: a device's numbers come back one by one
            bool last = i == reals.Length - 1;
            model.MeasureGradients = measures && last;
            UpdateDiscriminator(model, reals[i], noise, last, ref result);
        }
        UpdateGenerator(model, reals[^1], noise, ref result);
        return result;
    }

    /// <summary>The floating-point operations of a step with one update of D under R1 and R2, for each picture of its batch.</summary>
    public static long PenalisedFlops(MatMulWork g, MatMulWork d) => g.Forward + (2 * d.PenalisedUpdate) + (g.Update + d.Through + d.Forward);

    private static void UpdateDiscriminator(GanModel model, Tensor real, INoiseSource noise, bool reported, ref LateStepResult result)
    {
        var objective = model.Objective;
        using var z = noise.Draw("z_d", real.Shape.Rows);
        using var tape = model.NewTape();
        var made = model.Generator.Forward(tape.Constant(z), model.Recipe.DiscriminatorsFakes);

        // Leaves, so that D's slope at them can be asked for; and no gradient reaches G.
        Var x = tape.Variable(Shown(model, tape.Constant(real), noise).Value), f = tape.Variable(Shown(model, tape.Constant(made.Value), noise).Value);
        Var onReal = model.Discriminator.Forward(x, Pass.Inference), onFake = model.Discriminator.Forward(f, Pass.Inference);
        var loss = objective.Loss.OfDiscriminator(onReal, onFake, Labels(model, onReal, ofReals: true, noise), Labels(model, onFake, ofReals: false, noise));
        if (Penalty(model, x, f, onReal, onFake, noise) is { } penalty)
            loss = loss.Add(penalty);
        if (reported)
        {
            result.AccuracyOnReal = GanModel.ShareOfPositive(objective.Loss.Realness(onReal, onFake).Value);
            result.AccuracyOnFake = 1 - GanModel.ShareOfPositive(objective.Loss.Realness(onFake, onReal).Value);
            result.OutputOnReal = GanModel.Mean(default(Sigmoid), onReal.Value);
            result.OutputOnFake = GanModel.Mean(default(Sigmoid), onFake.Value);
            result.DiscriminatorLoss = LateNumber.Of(loss.Value);
        }
        model.Update(model.Discriminator, tape, loss, ref result);
        if (objective.WeightClip is { } limit)
            model.ClipDiscriminator(limit);
    }

    private static void UpdateGenerator(GanModel model, Tensor real, INoiseSource noise, ref LateStepResult result)
    {
        var loss = model.Objective.Loss;
        using var z = noise.Draw("z_g", real.Shape.Rows);
        using var tape = model.NewTape();
        var made = model.Generator.Forward(tape.Constant(z), model.Recipe.GeneratorsFakes(noise.Masks));
        var onFake = model.Discriminator.Forward(Shown(model, made, noise), Pass.Inference);
        var onReal = loss.GeneratorSeesReals ? model.Discriminator.Forward(Shown(model, tape.Constant(real), noise), Pass.Inference) : null;
        var gLoss = loss.OfGenerator(onFake, onReal);
        result.GeneratorLoss = LateNumber.Of(gLoss.Value);
        model.Update(model.Generator, tape, gLoss, ref result);
    }

    /// <summary>Pictures as D sees them: with noise, and in packs [N / m, m · pixels].</summary>
    private static Var Shown(GanModel model, Var pictures, INoiseSource noise)
    {
        if (model.InstanceNoise > 0)
        {
            var grain = pictures.Tape.Scratch(pictures.Shape);
            RandomNumbers.Normal(noise.Regularisers, 0f, model.InstanceNoise, grain.Value);
            pictures = pictures.Add(grain);
        }
        int pack = model.Objective.Pack;
        return pack == 1 ? pictures : pictures.Reshape(new Shape(pictures.Shape.Rows / pack, pictures.Shape.Columns * pack));
    }

    /// <summary>[N,1]: 1 less the smoothing for what is called real, else 0; null where the loss has no labels.</summary>
    internal static Var? Labels(GanModel model, Var outputs, bool ofReals, INoiseSource noise)
    {
        var objective = model.Objective;
        if (!objective.Loss.HasLabels)
            return null;
        float real = 1f - objective.LabelSmoothing, flipped = objective.FlipLabels;
        var labels = outputs.Tape.Scratch(outputs.Shape);
        if (flipped == 0)
        {
            model.Device.Fill(labels.Value, ofReals ? real : 0f);
            return labels;
        }
        float share = ofReals ? 1f - flipped : flipped;
        RandomNumbers.Mask(noise.Regularisers, share, labels.Value); // 1 / share or 0
        return labels.Scale(real * share);
    }

    private static Var? Penalty(GanModel model, Var x, Var f, Var onReal, Var onFake, INoiseSource noise)
    {
        var objective = model.Objective;
        float r1 = 0.5f * objective.R1 * model.RateFactor, r2 = 0.5f * objective.R2 * model.RateFactor;
        if (objective.GradientPenalty > 0)
        {
            var between = Between(x, f, noise);
            var slope = Penalties.InputGradients([model.Discriminator.Forward(between, Pass.Inference)], [between])[between];
            return Penalties.OneCentred(slope).Scale(objective.GradientPenalty);
        }
        switch (r1 > 0, r2 > 0)
        {
            case (true, true):
                var slopes = Penalties.InputGradients([onReal, onFake], [x, f]);
                return Penalties.ZeroCentred(slopes[x]).Scale(r1).Add(Penalties.ZeroCentred(slopes[f]).Scale(r2));
            case (true, false):
                return Penalties.ZeroCentred(Penalties.InputGradients([onReal], [x])[x]).Scale(r1);
            case (false, true):
                return Penalties.ZeroCentred(Penalties.InputGradients([onFake], [f])[f]).Scale(r2);
            default:
                return null;
        }
    }

    /// <summary>A point on the way from each fake to its real: alpha · x + (1 - alpha) · f, alpha uniform for each row.</summary>
    private static Var Between(Var x, Var f, INoiseSource noise)
    {
        var tape = x.Tape;
        Var from = tape.Constant(f.Value), way = tape.Constant(x.Value).Subtract(from);
        var alpha = tape.Scratch(new Shape(x.Shape.Rows, 1));
        RandomNumbers.Uniform(noise.Regularisers, 0f, 1f, alpha.Value);
        return tape.Variable(from.Add(way.Multiply(alpha.RepeatColumns(x.Shape))).Value);
    }
}

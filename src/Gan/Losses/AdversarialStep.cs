using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

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

    private static void UpdateDiscriminator(GanModel model, Tensor real, INoiseSource noise, bool reported, ref LateStepResult result)
    {
        var objective = model.Objective;
        using var z = noise.Draw("z_d", real.Shape.Rows);
        using var tape = new Tape(model.Device);
        var made = model.Generator.Forward(tape.Constant(z), model.Recipe.DiscriminatorsFakes);

        // Leaves, so that D's slope at them can be asked for; and no gradient reaches G.
        Var x = tape.Variable(Shown(model, tape.Constant(real), noise).Value), f = tape.Variable(Shown(model, tape.Constant(made.Value), noise).Value);
        Var onReal = model.Discriminator.Forward(x, Pass.Inference), onFake = model.Discriminator.Forward(f, Pass.Inference);
        int rows = x.Shape.Rows;
        using Tensor labelsOfReals = Labels(model, rows, ofReals: true, noise), labelsOfFakes = Labels(model, rows, ofReals: false, noise);
        var loss = objective.Loss.OfDiscriminator(onReal, onFake, tape.Constant(labelsOfReals), tape.Constant(labelsOfFakes));
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
        using var tape = new Tape(model.Device);
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

    /// <summary>[N,1]: 1 less the smoothing for what is called real, else 0.</summary>
    internal static Tensor Labels(GanModel model, int rows, bool ofReals, INoiseSource noise)
    {
        var objective = model.Objective;
        float real = 1f - objective.LabelSmoothing, flipped = objective.FlipLabels;
        var shape = new Shape(rows, 1);
        if (flipped == 0)
            return Tensor.Filled(model.Device, shape, ofReals ? real : 0f);
        var labels = new Tensor(model.Device, shape);
        float share = ofReals ? 1f - flipped : flipped;
        RandomNumbers.Mask(noise.Regularisers, share, labels); // 1 / share or 0
        Elementwise.Map(new Affine(real * share, 0f), labels, labels);
        return labels;
    }

    private static Var? Penalty(GanModel model, Var x, Var f, Var onReal, Var onFake, INoiseSource noise)
    {
        var objective = model.Objective;
        float r1 = 0.5f * objective.R1 * model.RateFactor, r2 = 0.5f * objective.R2 * model.RateFactor;
        if (objective.SlopePenalty > 0)
        {
            var between = Between(x, f, noise);
            var slope = Penalties.Slopes([model.Discriminator.Forward(between, Pass.Inference)], [between])[between];
            return Penalties.OneCentred(slope).Scale(objective.SlopePenalty);
        }
        switch (r1 > 0, r2 > 0)
        {
            case (true, true):
                var slopes = Penalties.Slopes([onReal, onFake], [x, f]);
                return Penalties.ZeroCentred(slopes[x]).Scale(r1).Add(Penalties.ZeroCentred(slopes[f]).Scale(r2));
            case (true, false):
                return Penalties.ZeroCentred(Penalties.Slopes([onReal], [x])[x]).Scale(r1);
            case (false, true):
                return Penalties.ZeroCentred(Penalties.Slopes([onFake], [f])[f]).Scale(r2);
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

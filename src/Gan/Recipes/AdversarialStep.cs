using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The training step of any loss and regularisers: D's updates, each on real and freshly generated pictures, the latter detached; then an
/// update of G on fresh noise against the new D. It replaces a recipe's own step if the <see cref="Objective"/> needs more than that
/// computes.
/// </summary>
public static class AdversarialStep
{
    /// <summary>Takes one step, or a part of one. The rows of each real batch are a multiple of the objective's pack.</summary>
    public static void Run(StepContext step, StepPart part = StepPart.Whole)
    {
        for (int i = 0; i < step.Reals.Length && part != StepPart.Generator; i++)
        {
            // only the last update is reported
            bool last = i == step.Reals.Length - 1;
            UpdateDiscriminator(step with { MeasuresNorms = step.MeasuresNorms && last }, i, last);
        }
        if (part != StepPart.Discriminator)
            UpdateGenerator(step);
    }

    private static void UpdateDiscriminator(StepContext step, int update, bool reported)
    {
        var real = step.Reals[update];
        var (objective, metrics, d) = (step.Objective, step.Metrics, step.Discriminator);
        var pass = step.Recipe.DiscriminatorPass(step.Noise.Masks);
        using var z = step.Noise.Draw("z_d", real.Shape.Rows);
        using var others = objective.Mismatch > 0 ? step.Noise.DrawLabels("label_other", real.Shape.Rows) : null;
        using var tape = step.NewTape();
        var classes = Classes(step, tape, update);
        pass = pass with { Labels = classes };
        var made = step.Generator.Forward(tape.Constant(z), step.Recipe.GeneratorPassForD with { Detached = true, Labels = classes });

        // Leaves, so that D's gradients at them can be computed; and no gradient reaches G.
        var x = tape.Variable(InputOfD(step, tape.Constant(real)).Value);
        var f = tape.Variable(InputOfD(step, made.Detach()).Value);
        int told = ToldFrom(d);
        var features = d.Forward(x, pass, ..told);
        Var onReal = d.Forward(features, pass, told..), onFake = d.Forward(f, pass);
        Var? labelsOfReals = Labels(step, onReal, ofReals: true), labelsOfFakes = Labels(step, onFake, ofReals: false);
        var loss = objective.Loss.OfDiscriminator(onReal, onFake, labelsOfReals, labelsOfFakes);
        if (others is not null)
        {
            var onOther = d.Forward(features, pass with { Labels = step.Model.Conditions(tape, others) }, told..);
            loss = loss.Add(objective.Loss.OfDiscriminator(onReal, onOther, labelsOfReals, labelsOfFakes).Scale(objective.Mismatch));
        }
        if (Penalty(step, pass, x, f, onReal, onFake) is { } penalty)
            loss = loss.Add(penalty);
        if (reported)
        {
            metrics[Metric.AccuracyOnReal] = DeferredMetric.ShareOfPositive(objective.Loss.Realness(onReal, onFake).Value);
            metrics[Metric.AccuracyOnFake] = 1 - DeferredMetric.ShareOfPositive(objective.Loss.Realness(onFake, onReal).Value);
            metrics[Metric.OutputOnReal] = DeferredMetric.Mean(default(Sigmoid), onReal.Value);
            metrics[Metric.OutputOnFake] = DeferredMetric.Mean(default(Sigmoid), onFake.Value);
            metrics[Metric.DiscriminatorLoss] = DeferredMetric.Of(loss.Value);
        }
        step.Update(d, tape, loss);
        if (objective.WeightClip is { } limit)
            WeightClipping.Clip(d, limit);
    }

    private static void UpdateGenerator(StepContext step)
    {
        var real = step.Reals[^1];
        var (loss, d) = (step.Objective.Loss, step.Discriminator);
        var pass = step.Recipe.DiscriminatorPass(step.Noise.Masks);
        using var z = step.Noise.Draw("z_g", real.Shape.Rows);
        using var tape = step.NewTape();
        var classes = Classes(step, tape, step.Reals.Length - 1);
        pass = pass with { Labels = classes };
        var made = step.Generator.Forward(tape.Constant(z), step.Recipe.GeneratorPassForG(step.Noise.Masks) with { Labels = classes });
        var onFake = d.Forward(InputOfD(step, made), pass);
        var onReal = loss.GeneratorSeesReals ? d.Forward(InputOfD(step, tape.Constant(real)), pass) : null;
        var gLoss = loss.OfGenerator(onFake, onReal);
        step.Metrics[Metric.GeneratorLoss] = DeferredMetric.Of(gLoss.Value);
        step.Update(step.Generator, tape, gLoss);
    }

    // the first layer that takes labels: what is before it is the same for any; after the last one, where none does
    private static int ToldFrom(Sequential d)
    {
        int first = 0;
        while (first < d.Layers.Count && d.Layers[first].Specs.All(spec => spec.Labels is null))
            first++;
        return first;
    }

    // what a conditional G is asked for: the classes of the reals that its pictures are compared with
    private static Var? Classes(StepContext step, Tape tape, int update) =>
        step.LabelsOfReals.IsEmpty ? null : step.Model.Conditions(tape, step.LabelsOfReals[update]);

    /// <summary>Augments pictures, adds instance noise to them and packs them, [N / m, m · pixels].</summary>
    private static Var InputOfD(StepContext step, Var pictures)
    {
        if (step.Objective.Augment != Augmentation.None)
            pictures = Augmented(step, pictures);
        if (step.Objective.InstanceNoise > 0)
        {
            var grain = pictures.Tape.Scratch(pictures.Shape);
            RandomNumbers.Normal(step.Noise.Regularisers, 0f, step.InstanceNoise, grain.Value);
            pictures = pictures.Add(grain);
        }
        int pack = step.Objective.Pack;
        return pack == 1 ? pictures : pictures.Reshape(new Shape(pictures.Shape.Rows / pack, pictures.Shape.Columns * pack));
    }

    private static Var Augmented(StepContext step, Var pictures)
    {
        const int PartOfSide = 8;
        var (height, width, channels) = step.Model.Picture;
        var augment = step.Objective.Augment;
        int reach = augment == Augmentation.Flip ? 0 : Math.Max(height, width) / PartOfSide;
        var move = new PixelMove(reach, augment == Augmentation.Shift ? 0 : 1, Back: 0, Outside: step.Recipe.PixelRange.Low);
        var draws = pictures.Tape.Scratch(new Shape(pictures.Shape.Rows, 3));
        RandomNumbers.Uniform(step.Noise.Regularisers, 0f, 1f, draws.Value);
        return pictures.Reshape(new Shape(pictures.Shape.Rows, height, width, channels)).Move(draws, move).Reshape(pictures.Shape);
    }

    /// <summary>
    /// Makes labels [N,1]: 1 less the smoothing for real, 0 for generated, some of them flipped; null if the loss has no labels.
    /// </summary>
    internal static Var? Labels(StepContext step, Var outputs, bool ofReals)
    {
        var objective = step.Objective;
        if (!objective.Loss.HasLabels)
            return null;
        float real = 1f - objective.LabelSmoothing, flipped = objective.FlipLabels;
        var labels = outputs.Tape.Scratch(outputs.Shape);
        if (flipped == 0)
        {
            step.Model.Device.Fill(labels.Value, ofReals ? real : 0f);
            return labels;
        }
        float share = ofReals ? 1f - flipped : flipped;
        RandomNumbers.Mask(step.Noise.Regularisers, share, labels.Value); // 1 / share or 0
        return labels.Scale(real * share);
    }

    private static Var? Penalty(StepContext step, Pass pass, Var x, Var f, Var onReal, Var onFake)
    {
        var objective = step.Objective;
        StepScalar? decay = objective.PenaltyDecay == PenaltyDecay.Rate ? step.RateFactor : null;
        float r1 = 0.5f * objective.R1, r2 = 0.5f * objective.R2;
        if (objective.GradientPenalty > 0)
        {
            var between = Interpolates(x, f, step.Noise);
            var output = step.Discriminator.Forward(between, pass);
            var gradient = Penalties.InputGradients([output], [between])[between];
            return Penalties.OneCentred(gradient).Scale(objective.GradientPenalty);
        }
        switch (r1 > 0, r2 > 0)
        {
            case (true, true):
                var gradients = Penalties.InputGradients([onReal, onFake], [x, f]);
                return Scaled(gradients[x], r1).Add(Scaled(gradients[f], r2));
            case (true, false):
                return Scaled(Penalties.InputGradients([onReal], [x])[x], r1);
            case (false, true):
                return Scaled(Penalties.InputGradients([onFake], [f])[f], r2);
            default:
                return null;
        }

        Var Scaled(Var gradient, float factor)
        {
            var penalty = Penalties.ZeroCentred(gradient);
            return decay is null ? penalty.Scale(factor) : penalty.Scale(factor, decay);
        }
    }

    /// <summary>
    /// Interpolates between each generated picture and a real one: alpha · x + (1 - alpha) · f, alpha uniform for each row.
    /// </summary>
    private static Var Interpolates(Var x, Var f, INoiseSource noise)
    {
        var tape = x.Tape;
        Var from = tape.Constant(f.Value), way = tape.Constant(x.Value).Subtract(from);
        var alpha = tape.Scratch(new Shape(x.Shape.Rows, 1));
        RandomNumbers.Uniform(noise.Regularisers, 0f, 1f, alpha.Value);
        return tape.Variable(from.Add(way.Multiply(alpha.RepeatColumns(x.Shape))).Value);
    }
}

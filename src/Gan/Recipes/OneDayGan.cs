using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The training step of days 2 to 4 of "One Day One GAN": two updates of D, on real and then on generated pictures, and one of G on the
/// same noise. D normalises by the batch at hand and drops in all three; its running statistics move in its own updates.
/// </summary>
public abstract class OneDayGan : Recipe
{
    /// <summary>Sets what the days have in common.</summary>
    /// <param name="asWritten">Whether the document's quirks are on.</param>
    protected OneDayGan(bool asWritten)
    {
        AsWritten = asWritten;
        HasOwnStepOnly = true;
        StepsAreAlike = true;
        Sides = [28, 32];
        Batch = 32;
        BatchRule = BatchRule.WithReplacement;
        GeneratorAdam = DiscriminatorAdam = new(2e-4f, 0.5f, 0.999f, 1e-7f);
        SharesStepCounter = asWritten;
        DiscriminatorLoss = "0.5 · (BCE(real, 1) + BCE(fake, 0)) as reported; each half is an update of its own";
        GeneratorLoss = "BCE(fake, 1)";
        StepSummary = "D update on a real batch; D update on a fake batch made by G in inference mode; "
            + "G update on the same noise with D frozen";
        LogColumns =
        [
            ("d_loss", log => log[Metric.DiscriminatorLoss]),
            ("d_accuracy", log => 0.5 * (log[Metric.AccuracyOnReal] + log[Metric.AccuracyOnFake])),
            ("g_loss", log => log[Metric.GeneratorLoss]),
        ];
    }

    /// <summary>The quirks of all days.</summary>
    protected static IReadOnlyList<Quirk> QuirksOfAll { get; } =
    [
        new(
            "one Adam object serves both networks: they have their own moments but one common step counter, "
            + "so D's first two updates and G's first count as t = 1, 2, 3",
            "a counter for each network"),
        new("losses are computed from clipped probabilities", "losses are computed from logits"),
    ];

    /// <summary>The quirk of the days whose D has batch normalisation.</summary>
    protected static Quirk UnmovedStatistics { get; } = new(
        "D's running statistics never move, so the D that is saved judges by mean 0 and variance 1", "they move in D's own updates");

    /// <summary>Whether D learns from fakes of drawn classes, the same as G's update; otherwise of the real batch's.</summary>
    protected virtual bool DrawsClassesOfFakes => false;

    /// <summary>Returns the logits [N, 1] of being real in D's output.</summary>
    protected virtual Var Realness(Var output) => output;

    /// <summary>Returns a loss of D's output beside that of its realness; null: there is none.</summary>
    /// <param name="output">D's output.</param>
    /// <param name="labels">[N], the classes that the pictures have or were asked for.</param>
    /// <param name="isMade">Whether they are generated, and D learns from them.</param>
    protected virtual Var? ClassLoss(Var output, Tensor? labels, bool isMade) => null;

    /// <summary>Returns the share of classes that D got right; null: it doesn't tell them.</summary>
    /// <inheritdoc cref="ClassLoss"/>
    protected virtual DeferredMetric? ClassAccuracy(Var output, Tensor? labels, bool isMade) => null;

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        var (g, d, metrics) = (step.Generator, step.Discriminator, step.Metrics);
        int count = step.Real.Shape.Rows;
        using var z = step.Noise.Draw("z", count);
        using var drawn = IsConditional ? step.Noise.DrawLabels("label_g", count) : null;
        Tensor? ofReals = step.Labels, ofFakes = DrawsClassesOfFakes ? drawn : ofReals;

        using (var tape = step.NewTape())
        {
            var labels = step.Model.Conditions(tape, ofReals);
            var output = d.Forward(tape.Constant(step.Real), PassOfD(step.Noise.MasksFor("real"), moves: !AsWritten, labels));
            var loss = Loss(output, 1f, ofReals, isMade: false);
            step.Update(d, tape, loss);
            metrics[Metric.DiscriminatorLoss] = 0.5 * DeferredMetric.Of(loss.Value);
            metrics[Metric.AccuracyOnReal] = DeferredMetric.ShareOfPositive(Realness(output).Value);
            if (ClassAccuracy(output, ofReals, isMade: false) is { } right)
                metrics[Metric.ClassAccuracy] = 0.5 * right;
        }

        using (var tape = step.NewTape())
        {
            var labels = step.Model.Conditions(tape, ofFakes);
            var fake = g.Forward(tape.Constant(z), Pass.Inference with { Detached = true, Labels = labels });
            var output = d.Forward(fake, PassOfD(step.Noise.MasksFor("fake"), moves: !AsWritten, labels));
            var loss = Loss(output, 0f, ofFakes, isMade: true);
            step.Update(d, tape, loss);
            metrics[Metric.DiscriminatorLoss] += 0.5 * DeferredMetric.Of(loss.Value);
            metrics[Metric.AccuracyOnFake] = 1 - DeferredMetric.ShareOfPositive(Realness(output).Value);
            if (ClassAccuracy(output, ofFakes, isMade: true) is { } right)
                metrics[Metric.ClassAccuracy] += 0.5 * right;
        }

        using (var tape = step.NewTape())
        {
            var labels = step.Model.Conditions(tape, drawn);
            var fake = g.Forward(tape.Constant(z), Pass.Training() with { Labels = labels });
            var output = d.Forward(fake, PassOfD(step.Noise.MasksFor("g"), moves: false, labels));
            var loss = Loss(output, 1f, drawn, isMade: false);
            step.Update(g, tape, loss);
            metrics[Metric.GeneratorLoss] = DeferredMetric.Of(loss.Value);
        }
    }

    private static Pass PassOfD(IMaskSource masks, bool moves, Var? labels) =>
        new(BatchStatistics: true, MoveStatistics: moves, Dropout: masks, Labels: labels);

    private Var Loss(Var output, float target, Tensor? labels, bool isMade)
    {
        var logits = Realness(output);
        var loss = AsWritten ? logits.Sigmoid().Bce(target) : logits.BceWithLogits(target);
        return ClassLoss(output, labels, isMade) is { } more ? loss.Add(more) : loss;
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The dense GAN of "One Day One GAN" (Keras): two updates of D a step, on real and then on generated pictures, and one of G.
/// </summary>
public class Odog : Recipe
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Odog(bool asWritten = false)
    {
        Name = "odog";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "dense GAN with batch normalisation in G; two D updates and one G update a step";
        Source = "One Day One GAN, day 1 (Chen Yang, Keras, 2019)";
        Batch = 128;
        BatchRule = BatchRule.WithReplacement;
        Steps = 30_000;
        SampleGrid = (5, 5);
        GeneratorAdam = DiscriminatorAdam = new(2e-4f, 0.5f, 0.999f, 1e-7f);
        SharesStepCounter = asWritten;
        DiscriminatorLoss = "0.5 · (BCE(real, 1) + BCE(fake, 0)) as reported; each half is an update of its own";
        GeneratorLoss = "BCE(fake, 1)";
        StepSummary = "D update on a real batch; D update on a fake batch made by G in inference mode; "
            + "G update on fresh noise with D frozen";
        Quirks =
        [
            new(
                "one Adam object serves both networks: they have their own moments but one common step counter, "
                + "so D's first two updates and G's first count as t = 1, 2, 3",
                "a counter for each network"),
            new("the loss is computed from clipped probabilities", "the loss is computed from logits"),
        ];
        LogColumns =
        [
            ("d_loss", log => log[Metric.DiscriminatorLoss]),
            ("d_accuracy", log => 0.5 * (log[Metric.AccuracyOnReal] + log[Metric.AccuracyOnFake])),
            ("g_loss", log => log[Metric.GeneratorLoss]),
        ];
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 256, Leaky),
        make.BatchNorm(256, 0.8f),
        make.Linear(256, 512, Leaky),
        make.BatchNorm(512, 0.8f),
        make.Linear(512, 1024, Leaky),
        make.BatchNorm(1024, 0.8f),
        make.Linear(1024, picture.Length, default(Tanh)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.Linear(picture.Length, 512, Leaky),
        make.Linear(512, 256, Leaky),
        make.Linear(256, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        var (g, d, metrics) = (step.Generator, step.Discriminator, step.Metrics);
        int count = step.Real.Shape.Rows;

        using (var tape = step.NewTape())
        {
            var logits = d.Forward(tape.Constant(step.Real), Pass.Inference);
            var loss = Loss(logits, 1f);
            step.Update(d, tape, loss);
            metrics[Metric.DiscriminatorLoss] = 0.5 * DeferredMetric.Of(loss.Value);
            metrics[Metric.AccuracyOnReal] = DeferredMetric.ShareOfPositive(logits.Value);
        }

        using (var z = step.Noise.Draw("z_d", count))
        using (var tape = step.NewTape())
        {
            var fake = g.Forward(tape.Constant(z), Pass.Inference with { Detached = true }); // no gradient reaches G
            var logits = d.Forward(fake, Pass.Inference);
            var loss = Loss(logits, 0f);
            step.Update(d, tape, loss);
            metrics[Metric.DiscriminatorLoss] += 0.5 * DeferredMetric.Of(loss.Value);
            metrics[Metric.AccuracyOnFake] = 1 - DeferredMetric.ShareOfPositive(logits.Value);
        }

        using (var z = step.Noise.Draw("z_g", count))
        using (var tape = step.NewTape())
        {
            var fake = g.Forward(tape.Constant(z), Pass.Training());
            var loss = Loss(d.Forward(fake, Pass.Inference), 1f);
            step.Update(g, tape, loss);
            metrics[Metric.GeneratorLoss] = DeferredMetric.Of(loss.Value);
        }
    }

    private Var Loss(Var logits, float target) => AsWritten ? logits.Sigmoid().Bce(target) : logits.BceWithLogits(target);
}

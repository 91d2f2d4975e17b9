using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>The dense GAN of "One Day One GAN" (Keras): two updates of D a step, on reals and then on fakes, and one of G.</summary>
public class Odog : Recipe
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <inheritdoc/>
    public override string Name => "odog";

    /// <inheritdoc/>
    public override string Summary => "dense GAN with batch normalisation in G; two D updates and one G update a step";

    /// <inheritdoc/>
    public override string Source => "One Day One GAN, day 1 (Chen Yang, Keras, 2019)";

    /// <inheritdoc/>
    public override (float Low, float High) PixelRange => (-1f, 1f);

    /// <inheritdoc/>
    public override int NoiseSize => 100;

    /// <inheritdoc/>
    public override string NoiseName => "N(0, 1)";

    /// <inheritdoc/>
    public override int Batch => 128;

    /// <inheritdoc/>
    public override BatchRule BatchRule => BatchRule.WithReplacement;

    /// <inheritdoc/>
    public override int? Steps => 30_000;

    /// <inheritdoc/>
    public override (int Rows, int Columns) SampleGrid => (5, 5);

    /// <inheritdoc/>
    public override Init Init => Init.GlorotUniform;

    /// <inheritdoc/>
    public override AdamSettings GeneratorAdam { get; } = new(2e-4f, 0.5f, 0.999f, 1e-7f);

    /// <inheritdoc/>
    public override AdamSettings DiscriminatorAdam => GeneratorAdam;

    /// <inheritdoc/>
    public override string DiscriminatorLoss => "0.5 · (BCE(real, 1) + BCE(fake, 0)) as reported; each half is an update of its own";

    /// <inheritdoc/>
    public override string GeneratorLoss => "BCE(fake, 1)";

    /// <inheritdoc/>
    public override string StepSummary =>
        "D update on a real batch; D update on a fake batch made by G in inference mode; G update on fresh noise with D frozen";

    /// <inheritdoc/>
    public override IReadOnlyList<Quirk> Quirks { get; } =
    [
        new(
            "one Adam object serves both networks: they have their own moments but one common step counter, so D's first two updates and G's first count as t = 1, 2, 3",
            "a counter for each network"),
        new("the loss is computed from clipped probabilities", "the loss is computed from logits"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Func<StepResult, double> Value)> LogColumns { get; } =
    [
        ("d_loss", mean => mean.DiscriminatorLoss),
        ("d_accuracy", mean => 0.5 * (mean.AccuracyOnReal + mean.AccuracyOnFake)),
        ("g_loss", mean => mean.GeneratorLoss),
    ];

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, int pixels) => new(
        make.Linear(NoiseSize, 256, Leaky),
        make.BatchNorm(256, 0.8f),
        make.Linear(256, 512, Leaky),
        make.BatchNorm(512, 0.8f),
        make.Linear(512, 1024, Leaky),
        make.BatchNorm(1024, 0.8f),
        make.Linear(1024, pixels, default(Tanh)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, int pixels) => new(
        make.Linear(pixels, 512, Leaky),
        make.Linear(512, 256, Leaky),
        make.Linear(256, 1));

    /// <inheritdoc/>
    public override void DrawNoise(RandomStream random, Tensor noise) => RandomNumbers.Normal(random, 0f, 1f, noise);

    /// <inheritdoc/>
    public override StepResult Step(GanModel model, Tensor real, INoiseSource noise)
    {
        Sequential g = model.Generator, d = model.Discriminator;
        int count = real.Shape.Rows;
        var result = new StepResult();

        using (var tape = new Tape(model.Device))
        {
            var logits = d.Forward(tape.Constant(real), Pass.Inference);
            var loss = logits.BceWithLogits(1f);
            model.Update(d, tape, loss, ref result);
            result.DiscriminatorLoss = 0.5 * loss.Item();
            result.AccuracyOnReal = GanModel.ShareOfPositive(logits.Value);
        }

        using (var z = noise.Draw("z_d", count))
        using (var tape = new Tape(model.Device))
        {
            var fake = g.Forward(tape.Constant(z), Pass.Inference);
            var logits = d.Forward(tape.Constant(fake.Value), Pass.Inference); // a constant: no gradient reaches G
            var loss = logits.BceWithLogits(0f);
            model.Update(d, tape, loss, ref result);
            result.DiscriminatorLoss += 0.5 * loss.Item();
            result.AccuracyOnFake = 1 - GanModel.ShareOfPositive(logits.Value);
        }

        using (var z = noise.Draw("z_g", count))
        using (var tape = new Tape(model.Device))
        {
            var fake = g.Forward(tape.Constant(z), Pass.Training());
            var loss = d.Forward(fake, Pass.Inference).BceWithLogits(1f);
            model.Update(g, tape, loss, ref result);
            result.GeneratorLoss = loss.Item();
        }
        return result;
    }

    /// <inheritdoc/>
    public override long StepFlops(MatMulWork g, MatMulWork d) => d.Update + (g.Forward + d.Update) + (g.Update + d.Through);
}

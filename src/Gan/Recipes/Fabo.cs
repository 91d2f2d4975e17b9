using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The dense GAN of fabo's notebook (TensorFlow 1): uniform noise, batch normalisation and dropout in G.</summary>
public class Fabo : Recipe
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Fabo(bool asWritten = false)
    {
        Name = "fabo";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "dense GAN with uniform noise, batch normalisation and dropout in G; a D update, then a G update";
        Source = "MNIST GAN (fabo, TensorFlow 1 notebook)";
        PixelRange = (0f, 1f);
        SetAside = 5_000;
        UniformNoise = true;
        Batch = 100;
        BatchRule = BatchRule.WholeBatches;
        Epochs = 71;
        SampleGrid = (1, 5);
        SamplePass = asWritten ? new Pass(BatchStatistics: false, SkipNormalisation: true) : Pass.Inference;
        Init = Init.TruncatedNormal(0.02f);
        GeneratorAdam = new(2e-4f, 0.5f, 0.999f, 1e-8f);
        DiscriminatorAdam = new(2e-4f, 0.1f, 0.999f, 1e-8f);
        DiscriminatorLoss = "mean(BCE(real, 1) + BCE(fake, 0))";
        GeneratorLoss = "BCE(fake, 1)";
        StepSummary = "D update on reals and fakes without dropout; G update on fresh noise with dropout against the new D; "
            + "G normalises by the batch in both";
        Quirks =
        [
            new(
                "D ends in a sigmoid and the loss applies the sigmoid again, so D's loss cannot fall under 1.006",
                "the loss takes logits"),
            new(
                "sampling skips batch normalisation altogether: no scale, no offset",
                "running mean and variance, momentum 0.9, kept in training and used in sampling"),
        ];
        LogColumns = [("dis_loss", log => log[Metric.DiscriminatorLoss]), ("gen_loss", log => log[Metric.GeneratorLoss])];
    }

    /// <inheritdoc/>
    public override Pass GeneratorPassForD => TrainingPass;

    private Pass TrainingPass => new(BatchStatistics: true, MoveStatistics: !AsWritten);

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 256, Leaky),
        make.BatchNorm(256, 0.9f, 1e-5f),
        make.Linear(256, 512, Leaky),
        make.BatchNorm(512, 0.9f, 1e-5f),
        make.Linear(512, 1024, Leaky),
        make.BatchNorm(1024, 0.9f, 1e-5f),
        new Dropout(0.5f),
        make.Linear(1024, picture.Length, default(Sigmoid)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.Linear(picture.Length, 1024, Leaky),
        make.Linear(1024, 512, Leaky),
        make.Linear(512, 256, Leaky),
        make.Linear(256, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        int count = step.Real.Shape.Rows;
        using Tensor zOfD = step.Noise.Draw("z_d", count), zOfG = step.Noise.Draw("z_g", count);
        GanSteps.Alternating(step, zOfD, zOfG, TrainingPass, TrainingPass with { Dropout = step.Noise.Masks }, LossOfD, LossOfG);
    }

    /// <summary>Returns the losses on the last batch and freshly generated pictures, without dropout or update.</summary>
    public override MetricValues Log(MetricValues mean, MetricValues last, GanModel model, Tensor real, INoiseSource noise)
    {
        using var z = noise.Draw("z_log", real.Shape.Rows);
        using var tape = model.NewTape();
        var fake = model.Generator.Forward(tape.Constant(z), new Pass(BatchStatistics: true));
        var onFake = model.Discriminator.Forward(fake, Pass.Inference);
        var onReal = model.Discriminator.Forward(tape.Constant(real), Pass.Inference);
        double dLoss = Logits(onReal).BceWithLogits(1f).Item() + (double)Logits(onFake).BceWithLogits(0f).Item();
        double gLoss = LossOfG(onFake).Item();
        return mean.With(Metric.DiscriminatorLoss, dLoss).With(Metric.GeneratorLoss, gLoss);
    }

    private Var LossOfD(Var onReal, Var onFake) => BceWithLogitsOps.BceWithLogitsOfBoth(Logits(onReal), Logits(onFake));

    private Var LossOfG(Var onFake) => Logits(onFake).BceWithLogits(1f);

    private Var Logits(Var output) => AsWritten ? output.Sigmoid() : output;
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;

namespace GanFromScratch.Gan.Recipes;

/// <summary>Lorna Tang's dense GAN (TensorFlow 2), one noise a step, both gradients from the same forward pass.</summary>
public class Lornatang : Recipe
{
    private const int FixedNoises = 16;
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Lornatang(bool asWritten = false)
    {
        Name = "lornatang";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "dense GAN with batch normalisation before G's activations; both gradients from one forward pass";
        Source = "Generative-Adversarial-Networks (Lorna, TensorFlow 2)";
        Batch = 128;
        BatchRule = BatchRule.LastMayBeShort;
        Epochs = 50;
        SampleGrid = (4, 4);
        GridsShowRed = asWritten;
        GeneratorAdam = DiscriminatorAdam = new(1e-4f, 0.9f, 0.999f, 1e-7f);
        DiscriminatorLoss = "BCE(real, 1) + BCE(fake, 0)";
        GeneratorLoss = "BCE(fake, 1)";
        StepSummary = "one noise; both gradients from the same forward pass, then both updates";
        Quirks =
        [
            new("D ends in a sigmoid and the loss is told `from_logits=True`: the sigmoid is applied twice", "the loss takes logits"),
            new(
                "the 16 fixed noises of the samples are also the only training noise, so G learns 16 pictures",
                "fresh noise, of the batch's size, at every step"),
            new("CIFAR-10 grids show the red channel in grey", "colour"),
        ];
    }

    /// <inheritdoc/>
    public override int BatchFor(PictureShape picture) => picture == Cifar10Files.Shape ? 64 : Batch;

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 256, Leaky),
        make.Linear(256, 512),
        make.BatchNorm(512, 0.99f),
        new Activation<LeakyRelu>(Leaky),
        make.Linear(512, 1024),
        make.BatchNorm(1024, 0.99f),
        new Activation<LeakyRelu>(Leaky),
        make.Linear(1024, picture.Length, default(Tanh)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.Linear(picture.Length, 1024, Leaky),
        make.Linear(1024, 512, Leaky),
        make.Linear(512, 256, Leaky),
        make.Linear(256, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        using var z = AsWritten ? step.Noise.Fixed(FixedNoises) : step.Noise.Draw("z", step.Real.Shape.Rows);
        if (AsWritten)
            GanSteps.Simultaneous(step, z, static output => output.Sigmoid(), default(Sigmoid));
        else
            GanSteps.Simultaneous(step, z, static output => output, default(Sigmoid));
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The dense GAN with ReLUs of hsu's article (TensorFlow 2): one noise a step, both gradients from the same forward pass.
/// </summary>
public class Hsu : Recipe
{
    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Hsu(bool asWritten = false)
    {
        Name = "hsu";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "dense GAN with ReLUs; both gradients from one forward pass, then both updates";
        Source = "GAN series 01: Generative Adversarial Network (hsu, TensorFlow 2, 2020)";
        Batch = 256;
        BatchRule = BatchRule.LastMayBeShort;
        Epochs = 120;
        SampleGrid = (4, 4);
        GeneratorAdam = new(asWritten ? 2e-3f : 1e-3f, 0.5f, 0.999f, 1e-7f);
        DiscriminatorAdam = new(asWritten ? 2e-3f : 2e-4f, 0.5f, 0.999f, 1e-7f);
        DiscriminatorLoss = "BCE(real, 1) + BCE(fake, 0)";
        GeneratorLoss = "BCE(fake, 1)";
        StepSummary = "one noise; both gradients from the same forward pass, then both updates";
        Quirks =
        [
            new("logs the mean raw output of D under the names Real_P and Fake_P", "logs the mean of sigmoid(output)"),
            new(
                "its author's settings file gives both networks a learning rate of 2e-3, "
                + "at which the ReLUs die and every output is 0 for good",
                "the author's later revision: G 1e-3, D 2e-4"),
            new("the last batch of an epoch holds 96 reals against 256 fakes", "as many fakes as reals"),
        ];
        LogColumns =
        [
            ("Real_P", log => log[Metric.OutputOnReal]),
            ("Fake_P", log => log[Metric.OutputOnFake]),
            ("Gen_loss", log => log[Metric.GeneratorLoss]),
            ("Dis_loss", log => log[Metric.DiscriminatorLoss]),
        ];
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 128, default(Relu)),
        make.Linear(128, 256, default(Relu)),
        make.Linear(256, 512, default(Relu)),
        make.Linear(512, picture.Length, default(Tanh)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.Linear(picture.Length, 512, default(Relu)),
        make.Linear(512, 256, default(Relu)),
        make.Linear(256, 128, default(Relu)),
        make.Linear(128, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        using var z = step.Noise.Draw("z", AsWritten ? step.Batch : step.Real.Shape.Rows);
        if (AsWritten)
            GanSteps.Simultaneous(step, z, static output => output, default(Identity));
        else
            GanSteps.Simultaneous(step, z, static output => output, default(Sigmoid));
    }
}

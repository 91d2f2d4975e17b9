using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The smallest of the dense GANs, sdl's (TensorFlow 1): one hidden layer in each network.</summary>
public class Sdl : Recipe
{
    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Sdl(bool asWritten = false)
    {
        Name = "sdl";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "dense GAN with one hidden layer in each network; a D update, then a G update on the same noise";
        Source = "Generative Adversarial Network, GAN practice (sdl: Smart Design Lab, TensorFlow 1)";
        PixelRange = (0f, 1f);
        SetAside = 5_000;
        NoiseSize = 128;
        Batch = 100;
        BatchRule = BatchRule.WholeBatches;
        Epochs = 30;
        SampleGrid = (1, 10);
        Init = Init.Normal(0.01f);
        GeneratorAdam = DiscriminatorAdam = new(2e-4f, 0.9f, 0.999f, 1e-8f);
        DiscriminatorLoss = "-mean(log D(x) + log(1 - D(G(z))))";
        GeneratorLoss = "-mean(log D(G(z)))";
        StepSummary = "D update on (x, z); G update on the same z against the new D";
        Quirks =
        [
            new("the log of a saturated sigmoid, without clipping: -infinity when D saturates", "the same loss computed from logits"),
            new("logs what it maximises, so its losses are negative", "the values that are minimised"),
        ];
        LogColumns = asWritten
            ? [("d_loss", log => -log[Metric.DiscriminatorLoss]), ("g_loss", log => -log[Metric.GeneratorLoss])]
            : [("d_loss", log => log[Metric.DiscriminatorLoss]), ("g_loss", log => log[Metric.GeneratorLoss])];
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 256, default(Relu)),
        make.Linear(256, picture.Length, default(Sigmoid)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.Linear(picture.Length, 256, default(Relu)),
        make.Linear(256, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step)
    {
        using var z = step.Noise.Draw("z", step.Real.Shape.Rows);
        if (AsWritten)
        {
            GanSteps.Alternating(
                step, z, z, Pass.Inference, Pass.Inference, static (x, f) => Loss(x, 1f).Add(Loss(f, 0f)), static f => Loss(f, 1f));
        }
        else
        {
            GanSteps.Alternating(step, z, z, Pass.Inference, Pass.Inference);
        }
    }

    /// <summary>Returns the losses of the epoch's last step.</summary>
    public override MetricValues Log(MetricValues mean, MetricValues last, GanModel model, Tensor real, INoiseSource noise) => last;

    /// <summary>As written: -log p on real, -log(1 - p) on generated pictures, of a probability that may have become 0 or 1.</summary>
    private static Var Loss(Var output, float target)
    {
        var p = output.Sigmoid();
        return (target == 1f ? p : p.Map(new Affine(-1f, 1f))).Log().Mean().Scale(-1f);
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// Convolutional networks without normalisation under the losses of <see cref="Stable"/>. Each stage halves or doubles the sides, by
/// kernels of 4x4, which cover every pixel equally often; pictures of more pixels have more stages.
/// </summary>
public class StableConv : Recipe
{
    private const int FewestChannels = 64, MostChannels = 256;
    private static readonly LeakyRelu Leaky = new(0.2f);
    private static readonly Window Halves = Window.Padded(4, 2, 1);

    /// <summary>The recipe; it follows no document, so there is one form.</summary>
    public StableConv(bool asWritten = false)
    {
        Name = "stable-conv";
        AsWritten = asWritten;
        StepsAreAlike = true;
        Summary = "convolutional networks under a relativistic loss with gradient penalties, decaying rates and an averaged G";
        Source = "this project; the loss and its penalties are R3GAN's (Huang et al., 2024)";
        Sides = [28, 32, 48, 64, 96, 128];
        NoiseSize = 64;
        Batch = 64;
        BatchRule = BatchRule.WithReplacement;
        Steps = 12_000;
        SampleGrid = (8, 8);
        Objective = new Objective
        {
            Loss = AdversarialLoss.Find("relativistic"),
            R1 = 0.1f,
            R2 = 0.1f,
            RateDecay = RateDecay.Cosine,
            Ema = 0.999f,
        };
        GeneratorAdam = DiscriminatorAdam = new(4e-4f, 0.5f, 0.99f, 1e-8f);
        DiscriminatorLoss = Objective.Loss.OfD + " + R1/2 · mean(‖D'(real)‖²) + R2/2 · mean(‖D'(fake)‖²), D' the slope of D at a picture";
        GeneratorLoss = Objective.Loss.OfG;
        StepSummary = "D update on reals and on fakes; G update on fresh noise against the new D";
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture)
    {
        var channels = Channels(picture);
        int side = picture.Width >> channels.Length;
        var layers = new List<Module>
        {
            make.Linear(NoiseSize, side * side * channels[^1], Leaky),
            Reshape.ToPictures(side, side, channels[^1]),
        };
        for (int i = channels.Length - 1; i > 0; i--)
            layers.Add(make.ConvTranspose2d(channels[i], channels[i - 1], Halves, Leaky));
        layers.Add(make.ConvTranspose2d(channels[0], picture.Channels, Halves, default(Tanh)));
        layers.Add(Reshape.Flatten(picture.Height, picture.Width, picture.Channels));
        return new([.. layers]);
    }

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture)
    {
        var channels = Channels(picture);
        int side = picture.Width >> channels.Length;
        var layers = new List<Module>
        {
            Reshape.ToPictures(picture.Height, picture.Width, picture.Channels),
            make.Conv2d(picture.Channels, channels[0], Halves, Leaky),
        };
        for (int i = 1; i < channels.Length; i++)
            layers.Add(make.Conv2d(channels[i - 1], channels[i], Halves, Leaky));
        layers.Add(Reshape.Flatten(side, side, channels[^1]));
        layers.Add(make.Linear(side * side * channels[^1], 1));
        return new([.. layers]);
    }

    /// <inheritdoc/>
    public override void Step(StepContext step) => AdversarialStep.Run(step);

    /// <summary>Returns the channels after each of D's stages, which end at sides of 4 to 7 pixels.</summary>
    private static int[] Channels(PictureShape picture)
    {
        int stages = 0;
        while (picture.Width >> stages > 7)
            stages++;
        return [.. Enumerable.Range(0, stages).Select(i => Math.Min(FewestChannels << i, MostChannels))];
    }
}

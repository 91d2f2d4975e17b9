using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// Convolutional networks without normalisation under the losses of <see cref="Stable"/>. Each stage halves or doubles the sides, by
/// kernels of 4x4, which cover every pixel equally often; pictures of more pixels have more stages. A dense layer on the side of the noise,
/// and of the judgement, sees the whole picture: stages alone know strokes, not digits. In its conditional form G's noise is moved
/// by a learned row for the class asked for, and D projects its features on one (Miyato and Koyama, 2018).
/// </summary>
public class StableConv : Recipe
{
    private const int MostChannels = 256, HiddenOfG = 512, HiddenOfD = 256;
    private static readonly LeakyRelu Leaky = new(0.2f);
    private static readonly Window Halves = Window.Padded(4, 2, 1);

    /// <summary>The recipe; it follows no document.</summary>
    /// <param name="asWritten">Has no meaning here.</param>
    /// <param name="conditional">Whether both networks are told classes.</param>
    public StableConv(bool asWritten = false, bool conditional = false)
    {
        Name = "stable-conv";
        AsWritten = asWritten;
        IsConditional = conditional;
        StepsAreAlike = true;
        Summary = "convolutional networks under a relativistic loss with gradient penalties, decaying rates and an averaged G";
        Source = "this project; the loss and its penalties are R3GAN's (Huang et al., 2024)";
        Sides = [28, 32, 48, 64, 96, 128];
        NoiseSize = 64;
        Batch = 64;
        BatchRule = BatchRule.WithReplacement;
        Init = Init.HeUniform(0.2f);
        Steps = 24_000;
        SampleGrid = conditional ? (10, 10) : (8, 8);
        Objective = new Objective
        {
            Loss = AdversarialLoss.Find("relativistic"),
            // told classes, D learns from fewer pictures of each, and weaker penalties give better ones; weights of the mismatch of 0.2 and
            // more make G's classes surer than real ones, of less variety
            R1 = conditional ? 0.3f : 1f,
            R2 = conditional ? 0.3f : 1f,
            Mismatch = conditional ? 0.03f : 0f,
            RateDecay = RateDecay.Cosine,
            FinalRate = 0.25f, // below, D gets ahead of G, whose pictures become worse again
            PenaltyDecay = PenaltyDecay.None, // with penalties that fall D learns its pictures by heart in the last third
            Ema = 0.999f,
        };
        GeneratorAdam = DiscriminatorAdam = new(1.6e-3f, 0f, 0.99f, 1e-8f);
        DiscriminatorLoss = Objective.Loss.OfD
            + (conditional ? " + mismatch · the same, with reals that are told another class as fakes" : "")
            + " + R1/2 · mean(‖D'(real)‖²) + R2/2 · mean(‖D'(fake)‖²), D' the slope of D at a picture";
        GeneratorLoss = Objective.Loss.OfG;
        StepSummary = "D update on reals and on fakes; G update on fresh noise against the new D";
    }

    /// <summary>Channels at half of a picture's side; each stage further in has twice as many, up to 256.</summary>
    protected int FewestChannels { get; init; } = 32;

    /// <inheritdoc/>
    public override Recipe? ConditionalForm => IsConditional ? null : new StableConv(AsWritten, conditional: true);

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture)
    {
        var channels = Channels(picture);
        int side = picture.Width >> channels.Length;
        var layers = new List<Module>();
        if (IsConditional)
            layers.Add(make.EmbeddingSum(NoiseSize));
        layers.Add(make.Linear(NoiseSize, HiddenOfG, Leaky));
        layers.Add(make.Linear(HiddenOfG, side * side * channels[^1], Leaky));
        layers.Add(Reshape.ToPictures(side, side, channels[^1]));
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
        layers.Add(make.Linear(side * side * channels[^1], HiddenOfD, Leaky));
        layers.Add(IsConditional ? make.Projection(HiddenOfD) : make.Linear(HiddenOfD, 1));
        return new([.. layers]);
    }

    /// <inheritdoc/>
    public override void Step(StepContext step) => AdversarialStep.Run(step);

    /// <summary>Returns the channels after each of D's stages, which end at sides of 4 to 7 pixels.</summary>
    private int[] Channels(PictureShape picture)
    {
        int stages = 0;
        while (picture.Width >> stages > 7)
            stages++;
        return [.. Enumerable.Range(0, stages).Select(i => Math.Min(FewestChannels << i, Math.Max(FewestChannels, MostChannels)))];
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>A mistake in a document's own code, and its correction.</summary>
/// <param name="Document">What the document does.</param>
/// <param name="Corrected">What the corrected form does.</param>
public sealed record Quirk(string Document, string Corrected);

/// <summary>How a recipe makes batches.</summary>
public enum BatchRule
{
    /// <summary>Each picture is drawn from all of them; an epoch has data / batch steps, rounded up.</summary>
    WithReplacement,

    /// <summary>Shuffled each epoch; pictures that don't fill a batch are dropped.</summary>
    WholeBatches,

    /// <summary>Shuffled each epoch; the last batch may be short.</summary>
    LastMayBeShort,
}

/// <summary>
/// A GAN as data, <see cref="Build"/> and <see cref="Step"/>: pictures, networks, losses, optimisers, and the few lines of its training
/// step. A new recipe is one file, and a line in <see cref="RecipeBook"/>.
/// </summary>
public abstract class Recipe
{
    /// <summary>The name that `--recipe` takes.</summary>
    public string Name { get; protected init; } = "";

    /// <summary>Whether the document's quirks are on; otherwise its corrected form trains.</summary>
    public bool AsWritten { get; protected init; }

    /// <summary>A sentence that describes it.</summary>
    public string Summary { get; protected init; } = "";

    /// <summary>The document that it follows, or its origin.</summary>
    public string Source { get; protected init; } = "";

    /// <summary>The range of pixel values in the networks' inputs and outputs.</summary>
    public (float Low, float High) PixelRange { get; protected init; } = (-1f, 1f);

    /// <summary>Pictures at the start of a whole MNIST (60,000) that are set aside, not trained on.</summary>
    public int SetAside { get; protected init; }

    /// <summary>The length of a noise vector.</summary>
    public int NoiseSize { get; protected init; } = 100;

    /// <summary>Whether noise vectors are uniform in (-1, 1); otherwise they are normal, N(0, 1).</summary>
    public bool UniformNoise { get; protected init; }

    /// <summary>The rows, and columns, of pictures that its networks are made for, smallest first; null: any.</summary>
    public IReadOnlyList<int>? Sides { get; protected init; }

    /// <summary>Whether both networks are told classes, which the data must have.</summary>
    public bool IsConditional { get; protected init; }

    /// <summary>Whether it trains by its own step alone, under no other loss or regulariser.</summary>
    public bool HasOwnStepOnly { get; protected init; }

    /// <summary>Pictures in a batch.</summary>
    public int Batch { get; protected init; }

    /// <summary>How batches are drawn.</summary>
    public BatchRule BatchRule { get; protected init; }

    /// <summary>The default length in steps; null: it is in epochs.</summary>
    public int? Steps { get; protected init; }

    /// <summary>The default length in epochs; null: it is in steps.</summary>
    public int? Epochs { get; protected init; }

    /// <summary>Rows and columns of the sample grid.</summary>
    public (int Rows, int Columns) SampleGrid { get; protected init; }

    /// <summary>Whether grids of colour pictures show the red channel alone, in grey.</summary>
    public bool GridsShowRed { get; protected init; }

    /// <summary>G's forward pass for sample grids.</summary>
    public Pass SamplePass { get; protected init; } = Pass.Inference;

    /// <summary>The initialisation of weights.</summary>
    public Init Init { get; protected init; } = Init.GlorotUniform;

    /// <summary>The generator's optimiser.</summary>
    public AdamSettings GeneratorAdam { get; protected init; } = new(1e-3f, 0.9f, 0.999f, 1e-8f);

    /// <summary>The discriminator's optimiser.</summary>
    public AdamSettings DiscriminatorAdam { get; protected init; } = new(1e-3f, 0.9f, 0.999f, 1e-8f);

    /// <summary>Whether both optimisers share a step counter.</summary>
    public bool SharesStepCounter { get; protected init; }

    /// <summary>The discriminator's loss, for `gan recipes`.</summary>
    public string DiscriminatorLoss { get; protected init; } = "";

    /// <summary>The generator's loss, for `gan recipes`.</summary>
    public string GeneratorLoss { get; protected init; } = "";

    /// <summary>A step in words, for `gan recipes`.</summary>
    public string StepSummary { get; protected init; } = "";

    /// <summary>The loss and its regularisers; the default leaves the recipe's own step unchanged.</summary>
    public Objective Objective { get; protected init; } = new();

    /// <summary>
    /// Whether every step gives the device the same work, but for noise, rates and the pictures: then it is recorded once and replayed on
    /// devices that can do so, and <see cref="Step"/> isn't called again. False for a step that decides by itself what it does.
    /// </summary>
    public bool StepsAreAlike { get; protected init; }

    /// <summary>G's forward pass for D's updates in an adversarial step.</summary>
    public virtual Pass GeneratorPassForD => new(BatchStatistics: true);

    /// <summary>The mistakes of the document's code.</summary>
    public IReadOnlyList<Quirk> Quirks { get; protected init; } = [];

    /// <summary>The scalars that a step reports.</summary>
    public IReadOnlyList<Metric> Metrics { get; protected init; } = Metric.Standard;

    /// <summary>The columns of the recipe's own log after `epoch`, each a function of an epoch's <see cref="Log"/>.</summary>
    public IReadOnlyList<(string Name, Func<MetricValues, double> Value)> LogColumns { get; protected init; } =
        [("d_loss", log => log[Metric.DiscriminatorLoss]), ("g_loss", log => log[Metric.GeneratorLoss])];

    /// <summary>The distribution of noise vectors, as text.</summary>
    public string NoiseName => UniformNoise ? "U(-1, 1)" : "N(0, 1)";

    /// <summary>The recipe whose networks are told the pictures' classes; null: there is none, or this is it.</summary>
    public virtual Recipe? ConditionalForm => null;

    /// <summary>Returns G's forward pass for its own updates in an adversarial step.</summary>
    public virtual Pass GeneratorPassForG(IMaskSource masks) => Pass.Training(masks);

    /// <summary>Returns D's forward pass in shared steps; override it for a D with dropout or batch normalisation.</summary>
    public virtual Pass DiscriminatorPass(IMaskSource masks) => Pass.Inference;

    /// <summary>The sizes of <see cref="Sides"/> in words: `28x28, 32x32`.</summary>
    internal string SizesInWords => string.Join(", ", (Sides ?? []).Select(side => $"{side}x{side}"));

    /// <summary>Returns whether its networks can be made for pictures of a shape.</summary>
    public bool Takes(PictureShape picture) =>
        Sides is null || (picture.Height == picture.Width && Sides.Contains(picture.Height));

    /// <summary>Returns the batch size for pictures of a shape.</summary>
    public virtual int BatchFor(PictureShape picture) => Batch;

    /// <summary>Makes a new generator: noise vectors [N, z] to pictures [N, pixels].</summary>
    public abstract Sequential Generator(LayerFactory make, PictureShape picture);

    /// <summary>Makes a new discriminator: pictures [N, pixels] to logits [N, 1].</summary>
    public abstract Sequential Discriminator(LayerFactory make, PictureShape picture);

    /// <summary>
    /// Builds the model: both networks with weights drawn from the seed, their optimisers, and G's moving average if the objective has one.
    /// </summary>
    public virtual GanModel Build(BuildContext context)
    {
        var (device, picture, seed) = context;
        var objective = context.Objective ?? Objective;
        var spectralNorm = objective.SpectralNorm ? SeedStream.SpectralNorm.Of(seed) : null;
        var critic = new LayerFactory(device, Init, SeedStream.DiscriminatorInit.Of(seed), spectralNorm) { Classes = context.Classes };
        var generator = NewGenerator();
        var discriminator = Discriminator(critic, picture with { Channels = picture.Channels * objective.Pack });
        var counter = SharesStepCounter ? new StepCounter() : null;
        return new GanModel(
            generator,
            discriminator,
            context.Optimiser.ForGenerator(GeneratorAdam).Create(generator, counter),
            context.Optimiser.ForDiscriminator(DiscriminatorAdam).Create(discriminator, counter),
            objective.Ema > 0 ? NewGenerator() : null,
            objective.Ema)
        {
            Picture = picture,
            Classes = context.Classes,
        };

        Sequential NewGenerator() =>
            Generator(new LayerFactory(device, Init, SeedStream.GeneratorInit.Of(seed)) { Classes = context.Classes }, picture);
    }

    /// <summary>Fills a tensor [N, z] with noise vectors.</summary>
    public void DrawNoise(RandomStream random, Tensor noise)
    {
        if (UniformNoise)
            RandomNumbers.Uniform(random, -1f, 1f, noise);
        else
            RandomNumbers.Normal(random, 0f, 1f, noise);
    }

    /// <summary>Takes one training step, and reports its losses and accuracies to the context's metrics.</summary>
    public abstract void Step(StepContext step);

    /// <summary>Returns what the recipe's own log shows of an epoch: its means, unless the document logs something else.</summary>
    /// <param name="mean">The epoch's means.</param>
    /// <param name="last">Its last step's values.</param>
    /// <param name="model">The networks after that step.</param>
    /// <param name="real">The last batch of real pictures [N, pixels].</param>
    /// <param name="noise">The source of more noise vectors.</param>
    public virtual MetricValues Log(MetricValues mean, MetricValues last, GanModel model, Tensor real, INoiseSource noise) => mean;
}

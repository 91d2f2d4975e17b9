using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Modes;

/// <summary>A small GAN of dense layers for points in the plane.</summary>
public sealed class ModesRecipe : Recipe
{
    private static readonly LeakyRelu Leaky = new(0.2f);
    private readonly int _layers, _width;

    /// <summary>Makes the recipe for a mixture.</summary>
    /// <param name="mixture">The mixture.</param>
    /// <param name="layers">Hidden layers of each network, or null for the preset.</param>
    /// <param name="width">Width of hidden layers, or null for the preset.</param>
    public ModesRecipe(Mixture mixture, int? layers = null, int? width = null)
    {
        _layers = layers ?? (mixture == Mixture.Ring ? 3 : 4);
        _width = width ?? 128;
        Name = "modes";
        Summary = $"{_layers} hidden layers of {_width} in each network";
        NoiseSize = 8; // with 2, G maps a plane to separate modes, and points along the seams lie between modes
        Batch = 128;
        BatchRule = BatchRule.WithReplacement;
        Steps = mixture == Mixture.Ring ? 80_000 : 40_000;
        GeneratorAdam = DiscriminatorAdam = new(1e-3f, 0.5f, 0.99f, 1e-8f);
        Objective = Preset;
        StepsAreAlike = true;
    }

    /// <summary>The default loss with its penalties, which finds all modes.</summary>
    public static Objective Preset { get; } = new()
    {
        Loss = AdversarialLoss.Find("relativistic"),
        R1 = 0.1f,
        R2 = 0.1f,
        RateDecay = RateDecay.Cosine,
        Ema = 0.999f,
    };

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(Layers(make, NoiseSize, picture.Length));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(Layers(make, picture.Length, 1));

    /// <inheritdoc/>
    public override void Step(StepContext step) => AdversarialStep.Run(step);

    private Module[] Layers(LayerFactory make, int inputs, int outputs) =>
    [
        .. Enumerable.Range(0, _layers).Select(i => make.Linear(i == 0 ? inputs : _width, _width, Leaky)),
        make.Linear(_width, outputs),
    ];
}

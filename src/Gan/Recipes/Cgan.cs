using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The conditional dense GAN of day 3 of "One Day One GAN" (Keras; Mirza and Osindero, 2014): noise and pictures are multiplied by a
/// learned row for their class.
/// </summary>
public sealed class Cgan : OneDayGan
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Cgan(bool asWritten = false)
        : base(asWritten)
    {
        Name = "cgan";
        IsConditional = true;
        Sides = null;
        Summary = "dense GAN whose pictures can be asked for by class";
        Source = "One Day One GAN, day 3 (Chen Yang, Keras, 2019)";
        Steps = 20_000;
        SampleGrid = (2, 5);
        Quirks = QuirksOfAll;
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.EmbeddingProduct(NoiseSize),
        make.Linear(NoiseSize, 256, Leaky),
        make.BatchNorm(256, 0.8f),
        make.Linear(256, 512, Leaky),
        make.BatchNorm(512, 0.8f),
        make.Linear(512, 1024, Leaky),
        make.BatchNorm(1024, 0.8f),
        make.Linear(1024, picture.Length, default(Tanh)));

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
        make.EmbeddingProduct(picture.Length),
        make.Linear(picture.Length, 512, Leaky),
        make.Linear(512, 512, Leaky),
        new Dropout(0.6f),
        make.Linear(512, 512, Leaky),
        new Dropout(0.6f),
        make.Linear(512, 1));
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The convolutional GAN of day 2 of "One Day One GAN" (Keras; Radford et al., 2015).</summary>
public sealed class Dcgan : OneDayGan
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Dcgan(bool asWritten = false)
        : base(asWritten)
    {
        Name = "dcgan";
        Summary = "convolutional GAN with batch normalisation in both networks; two D updates and one G update a step";
        Source = "One Day One GAN, day 2 (Chen Yang, Keras, 2019)";
        Steps = 4000;
        SampleGrid = (5, 5);
        Quirks = [.. QuirksOfAll, UnmovedStatistics];
    }

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture)
    {
        int side = picture.Width / 4;
        return new(
            make.Linear(NoiseSize, side * side * 128, default(Relu)),
            Reshape.ToPictures(side, side, 128),
            new Upsample(),
            make.Conv2d(128, 128, Window.Same(3, 1, 2 * side, 2 * side), default(Identity)),
            make.BatchNorm(128, 0.8f),
            new Activation<Relu>(default),
            new Upsample(),
            make.Conv2d(128, 64, Window.Same(3, 1, 4 * side, 4 * side), default(Identity)),
            make.BatchNorm(64, 0.8f),
            new Activation<Relu>(default),
            make.Conv2d(64, picture.Channels, Window.Same(3, 1, 4 * side, 4 * side), default(Tanh)),
            Reshape.Flatten(picture.Height, picture.Width, picture.Channels));
    }

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture)
    {
        int half = picture.Width / 2, quarter = half / 2, eighth = (quarter + 2) / 2;
        return new(
            Reshape.ToPictures(picture.Height, picture.Width, picture.Channels),
            make.Conv2d(picture.Channels, 32, Window.Same(3, 2, picture.Height, picture.Width), Leaky),
            new Dropout(0.75f),
            make.Conv2d(32, 64, Window.Same(3, 2, half, half), default(Identity)),
            new ZeroPad(0, 1, 0, 1),
            make.BatchNorm(64, 0.8f),
            new Activation<LeakyRelu>(Leaky),
            new Dropout(0.75f),
            make.Conv2d(64, 128, Window.Same(3, 2, quarter + 1, quarter + 1), default(Identity)),
            make.BatchNorm(128, 0.8f),
            new Activation<LeakyRelu>(Leaky),
            new Dropout(0.75f),
            make.Conv2d(128, 256, Window.Same(3, 1, eighth, eighth), default(Identity)),
            make.BatchNorm(256, 0.8f),
            new Activation<LeakyRelu>(Leaky),
            new Dropout(0.75f),
            Reshape.Flatten(eighth, eighth, 256),
            make.Linear(eighth * eighth * 256, 1));
    }
}

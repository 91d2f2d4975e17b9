using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// The convolutional GAN of day 4 of "One Day One GAN" (Keras; Odena et al., 2016): G is asked for a class, and D says, beside whether a
/// picture is real, which class it shows.
/// </summary>
public sealed class Acgan : OneDayGan
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>Makes the recipe in its corrected form, or as its document has it.</summary>
    public Acgan(bool asWritten = false)
        : base(asWritten)
    {
        Name = "acgan";
        IsConditional = true;
        Summary = "convolutional GAN whose pictures can be asked for by class, which D learns to tell";
        Source = "One Day One GAN, day 4 (Chen Yang, Keras, 2019)";
        Steps = 14_000;
        SampleGrid = (10, 10);
        DiscriminatorLoss = "0.5 · (BCE(real, 1) + BCE(fake, 0) + the cross-entropies of their classes) as reported; "
            + "each half is an update of its own";
        GeneratorLoss = "BCE(fake, 1) + the cross-entropy of the class asked for";
        Metrics = [.. Metric.Standard, Metric.ClassAccuracy];
        LogColumns = [.. LogColumns, ("class_accuracy", log => log[Metric.ClassAccuracy])];
        Quirks =
        [
            .. QuirksOfAll,
            UnmovedStatistics,
            new(
                "D learns an eleventh class, fake, and G is told that its pictures are of the classes asked for",
                "D learns the class that a generated picture was asked for"),
        ];
    }

    /// <inheritdoc/>
    protected override bool DrawsClassesOfFakes => true;

    /// <inheritdoc/>
    public override Sequential Generator(LayerFactory make, PictureShape picture)
    {
        int side = picture.Width / 4;
        return new(
            make.EmbeddingProduct(NoiseSize),
            make.Linear(NoiseSize, side * side * 128, default(Relu)),
            Reshape.ToPictures(side, side, 128),
            make.BatchNorm(128, 0.8f),
            new Upsample(),
            make.Conv2d(128, 128, Window.Same(3, 1, 2 * side, 2 * side), default(Relu)),
            make.BatchNorm(128, 0.8f),
            new Upsample(),
            make.Conv2d(128, 64, Window.Same(3, 1, 4 * side, 4 * side), default(Relu)),
            make.BatchNorm(64, 0.8f),
            make.Conv2d(64, picture.Channels, Window.Same(3, 1, 4 * side, 4 * side), default(Tanh)),
            Reshape.Flatten(picture.Height, picture.Width, picture.Channels));
    }

    /// <inheritdoc/>
    public override Sequential Discriminator(LayerFactory make, PictureShape picture)
    {
        int half = picture.Width / 2, quarter = half / 2, eighth = (quarter + 2) / 2, features = eighth * eighth * 128;
        return new(
            Reshape.ToPictures(picture.Height, picture.Width, picture.Channels),
            make.Conv2d(picture.Channels, 16, Window.Same(3, 2, picture.Height, picture.Width), Leaky),
            new Dropout(0.75f),
            make.Conv2d(16, 32, Window.Same(3, 2, half, half), default(Identity)),
            new ZeroPad(0, 1, 0, 1),
            new Activation<LeakyRelu>(Leaky),
            new Dropout(0.75f),
            make.BatchNorm(32, 0.8f),
            make.Conv2d(32, 64, Window.Same(3, 2, quarter + 1, quarter + 1), Leaky),
            new Dropout(0.75f),
            make.BatchNorm(64, 0.8f),
            make.Conv2d(64, 128, Window.Same(3, 1, eighth, eighth), Leaky),
            new Dropout(0.75f),
            Reshape.Flatten(eighth, eighth, 128),
            new Concat(make.Linear(features, 1), make.Linear(features, make.Classes + (AsWritten ? 1 : 0))));
    }

    /// <inheritdoc/>
    protected override Var Realness(Var output) => output.SliceColumns(0, 1);

    /// <inheritdoc/>
    protected override Var? ClassLoss(Var output, Tensor? labels, bool isMade) =>
        ClassLogits(output).SoftmaxCrossEntropy(Asked(output, labels, isMade));

    /// <inheritdoc/>
    protected override DeferredMetric? ClassAccuracy(Var output, Tensor? labels, bool isMade) =>
        DeferredMetric.ShareOfPositive(ClassLogits(output).Margin(Asked(output, labels, isMade)).Value);

    private static Var ClassLogits(Var output) => output.SliceColumns(1, output.Shape.Columns - 1);

    // one-hot; as written, what is generated is of a class of its own
    private Var Asked(Var output, Tensor? labels, bool isMade)
    {
        int classes = output.Shape.Columns - 1;
        if (!AsWritten || !isMade)
            return output.Tape.Constant(labels!).OneHot(classes);
        var own = output.Tape.Scratch(new Shape(output.Shape.Rows));
        output.Tape.Device.Fill(own.Value, classes - 1);
        return own.OneHot(classes);
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;

namespace GanFromScratch.Tests;

/// <summary>
/// The recipes with a few columns for each layer: their steps and the kinds of their layers, for devices that have little time.
/// </summary>
internal static class NarrowRecipes
{
    public const string ConditionalName = "narrow-conditional";

    private static readonly LeakyRelu Leaky = new(0.2f);

    /// <summary>A recipe of convolutions that are told classes, of pictures of 4x4.</summary>
    public static Recipe Conditional => new NarrowConditional();

    public static Recipe[] All =>
        [new NarrowHsu(), new SmallOdog(), new NarrowFabo(), new NarrowSdl(), new NarrowLornatang(), new NarrowStable()];

    private static Sequential Critic<F>(LayerFactory make, PictureShape picture, F activation)
        where F : struct, IActivation => new(make.Linear(picture.Length, 9, activation), make.Linear(9, 5, activation), make.Linear(5, 1));

    private sealed class NarrowHsu : Hsu
    {
        public NarrowHsu() => (NoiseSize, Batch) = (5, 6);

        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(NoiseSize, 11, default(Relu)), make.Linear(11, picture.Length, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => Critic(make, picture, default(Relu));
    }

    private sealed class NarrowFabo : Fabo
    {
        public NarrowFabo() => (NoiseSize, Batch) = (5, 6);

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
            make.Linear(NoiseSize, 11, Leaky), make.BatchNorm(11, 0.9f, 1e-5f), new Dropout(0.5f),
            make.Linear(11, picture.Length, default(Sigmoid)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => Critic(make, picture, Leaky);
    }

    private sealed class NarrowSdl : Sdl
    {
        public NarrowSdl() => (NoiseSize, Batch) = (5, 6);

        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(NoiseSize, 11, default(Relu)), make.Linear(11, picture.Length, default(Sigmoid)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(picture.Length, 9, default(Relu)), make.Linear(9, 1));
    }

    private sealed class NarrowLornatang : Lornatang
    {
        public NarrowLornatang() => (NoiseSize, Batch) = (5, 6);

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
            make.Linear(NoiseSize, 7, Leaky), make.Linear(7, 11), make.BatchNorm(11, 0.99f), new Activation<LeakyRelu>(Leaky),
            make.Linear(11, picture.Length, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => Critic(make, picture, Leaky);
    }

    private sealed class NarrowStable : Stable
    {
        public NarrowStable() => (NoiseSize, Batch) = (5, 6);

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new SmallOdog().Generator(make, picture);

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => Critic(make, picture, Leaky);
    }

    private sealed class NarrowConditional : StableConv
    {
        public NarrowConditional()
            : base(conditional: true) => (Name, NoiseSize, Batch, Sides) = (ConditionalName, 3, 6, [4]);

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
            make.EmbeddingSum(NoiseSize), make.Linear(NoiseSize, 4, Leaky), Reshape.ToPictures(2, 2, 1), make.BatchNorm(1, 0.9f),
            make.ConvTranspose2d(1, 2, Window.Padded(4, 2, 1), Leaky),
            make.Conv2d(2, picture.Channels, Window.Same(3, 1, 4, 4), default(Tanh)), Reshape.Flatten(4, 4, picture.Channels));
    }
}

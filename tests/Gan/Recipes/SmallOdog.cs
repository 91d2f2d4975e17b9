using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Tests;

/// <summary>odog with layers for engines that have no time: its step, its losses, and every kind of layer that it has.</summary>
internal class SmallOdog : Odog
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    public SmallOdog()
    {
        NoiseSize = 5;
        Batch = 6;
        SampleGrid = (2, 3);
    }

    public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
        make.Linear(NoiseSize, 11, Leaky), make.BatchNorm(11, 0.8f), make.Linear(11, picture.Length, default(Tanh)));

    public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
        new(make.Linear(picture.Length, 9, Leaky), make.Linear(9, 1));
}

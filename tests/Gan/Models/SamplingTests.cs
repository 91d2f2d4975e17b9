using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Many pictures of a convolutional generator.</summary>
[TestFixture]
internal sealed class SamplingTests
{
    /// <summary>Feature maps of all would take hundreds of megabytes; a part after another gives the same bits.</summary>
    [TestCase("dcgan")]
    [TestCase("acgan")]
    [TestCase("stable-conv")]
    public void ManyPicturesTakeTheMemoryOfFew(string name)
    {
        using var device = new CpuDevice(2);
        var recipe = RecipeBook.BuiltIn.Find(name);
        int classes = recipe.IsConditional ? 10 : 0;
        var picture = new PictureShape(28, 28, 1);
        using var model = recipe.Build(new BuildContext(device, picture, Seed: 3) { Objective = recipe.Objective, Classes = classes });
        using Tensor few = Noise(device, 32, recipe), many = Noise(device, 96, recipe);
        using Tensor? labelsOfFew = model.LabelsInTurn(32), labels = model.LabelsInTurn(96);
        _ = model.Sample(few, recipe.SamplePass, labelsOfFew);
        long before = device.AllocatedBytes;
        float[] pictures = model.Sample(many, recipe.SamplePass, labels);
        Assert.That(device.AllocatedBytes - before, Is.LessThan(1 << 20), "bytes more than for 32");

        using var tape = new Tape(device);
        var asked = model.Conditions(tape, labels);
        var whole = model.Sampler.Forward(tape.Constant(many), recipe.SamplePass with { Detached = true, Labels = asked });
        Numbers.AssertSame(pictures, whole.Value.ToArray(), "the pictures, all at once");
        Assert.That(device.AllocatedBytes - before, Is.GreaterThan(3 << 20));
    }

    [Test]
    public void PartsAreAllRowsInOrder()
    {
        using var device = new CpuDevice(1);
        var make = new LayerFactory(device, Init.GlorotUniform, new RandomStream(1, 1));
        Sequential dense = new(make.Linear(3, 4)), maps = new(make.Conv2d(1, 1, Window.Padded(3, 1, 1), default(Identity)));
        Assert.That(GanModel.Parts(dense, 100), Is.EqualTo(new[] { (0, 100) }));
        Assert.That(GanModel.Parts(maps, 70), Is.EqualTo(new[] { (0, 32), (32, 32), (64, 6) }));
        Assert.That(GanModel.Parts(maps, 70, multiple: 5), Is.EqualTo(new[] { (0, 30), (30, 30), (60, 10) }));
        Assert.That(GanModel.Parts(maps, 90, multiple: 40), Is.EqualTo(new[] { (0, 40), (40, 40), (80, 10) }));
        Assert.That(GanModel.Parts(maps, 0), Is.Empty);
    }

    private static Tensor Noise(Device device, int count, Recipe recipe)
    {
        var noise = new Tensor(device, new Shape(count, recipe.NoiseSize));
        recipe.DrawNoise(new RandomStream(5, 5), noise);
        return noise;
    }
}

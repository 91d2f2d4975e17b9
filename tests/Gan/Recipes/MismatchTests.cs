using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What `--mismatch` adds to D's loss: real pictures that are told another class are fakes, too.</summary>
[TestFixture]
internal sealed class MismatchTests
{
    private const int Classes = 3, Batch = 12, Seed = 4;
    private static readonly PictureShape Picture = new(8, 8, 1);

    [Test]
    public void DsLossHasRealsOfAnotherClass()
    {
        using var device = new CpuDevice(1);
        var recipe = new Narrow();
        const float Weight = 0.75f;
        double without = Loss(device, recipe, 0), with = Loss(device, recipe, Weight);

        // D as it was before the step, on reals of their own class and of the drawn one
        using var fresh = Model(device, recipe, 0);
        using Tensor real = Reals(device), labels = Labels(device);
        using var others = new TrainingNoise(recipe, device, Seed, Classes).DrawLabels("label_other", Batch);
        using var tape = new Tape(device);
        float[] own = Judged(labels), other = Judged(others);
        double expected = own.Zip(other, (x, f) => Math.Log(1 + Math.Exp(f - x))).Average();
        Assert.That(with - without, Is.EqualTo(Weight * expected).Within(1e-6));
        Assert.That(own.Zip(other).Count(pair => pair.First != pair.Second), Is.InRange(Batch / 3, Batch - 1), "some are drawn right");

        float[] Judged(Tensor told) => fresh.Model.Discriminator.Forward(
            tape.Constant(real), Pass.Inference with { Labels = fresh.Model.Conditions(tape, told) }).Value.ToArray();
    }

    /// <summary>The part of D before its labels is run once: what comes of it is what comes of the whole network.</summary>
    [Test]
    public void PartsOfANetworkAreTheWhole()
    {
        using var device = new CpuDevice(1);
        using var model = Model(device, new Narrow(), 0);
        using Tensor real = Reals(device), labels = Labels(device);
        using var tape = new Tape(device);
        var pass = Pass.Inference with { Labels = model.Model.Conditions(tape, labels) };
        var d = model.Model.Discriminator;
        float[] whole = d.Forward(tape.Constant(real), pass).Value.ToArray();
        for (int first = 0; first <= d.Layers.Count; first++)
        {
            var front = d.Forward(tape.Constant(real), pass, ..first);
            Assert.That(d.Forward(front, pass, first..).Value.ToArray(), Is.EqualTo(whole), $"{first} layers, then the others");
        }
    }

    private static double Loss(Device device, Recipe recipe, float weight)
    {
        using var model = Model(device, recipe, weight);
        using Tensor real = Reals(device), labels = Labels(device);
        return model.Step([real, labels])[Metric.DiscriminatorLoss];
    }

    private static SteppedModel Model(Device device, Recipe recipe, float weight) => new(
        recipe, device, Picture, Seed, batch: Batch, objective: recipe.Objective with { Mismatch = weight }, classes: Classes);

    private static Tensor Reals(Device device) => Numbers.Some(device, new Shape(Batch, Picture.Length), seed: 5, size: 1);

    private static Tensor Labels(Device device) =>
        Tensor.From(device, new Shape(Batch), [.. Enumerable.Range(0, Batch).Select(i => (float)(i % Classes))]);

    private sealed class Narrow : StableConv
    {
        public Narrow()
            : base(conditional: true) => (NoiseSize, Sides, FewestChannels) = (3, [8], 2);
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class DropoutTests
{
    private const int Count = 40_000;

    [TestCase(0.25f)]
    [TestCase(0.6f)]
    [TestCase(1f)]
    public void KeepsTheShareAndScalesIt(float keep)
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var ones = Tensor.Filled(device, new Shape(100, Count / 100), 1f);
        float[] y = tape.Constant(ones).Dropout(keep, new RandomMasks(new RandomStream(1, 0))).Value.ToArray();
        int kept = y.Count(v => v != 0);
        Assert.Multiple(() =>
        {
            Assert.That(y.Where(v => v != 0), Is.All.EqualTo(1 / keep), "what is kept is scaled up");
            Assert.That((double)kept / Count, Is.EqualTo(keep).Within(5 * Math.Sqrt(keep * (1 - keep) / Count)), "five deviations");
        });
    }

    [Test]
    public void TheGradientGoesThroughTheSameMask()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var ones = Tensor.Filled(device, new Shape(7, 33), 1f);
        var x = tape.Variable(ones);
        var y = x.Dropout(0.5f, new RandomMasks(new RandomStream(1, 0)));
        Assert.That(tape.Gradients(y.Sum(), [x])[x].Value.ToArray(), Is.EqualTo(y.Value.ToArray()));
    }

    /// <summary>A mask has the pictures' shape: each number is kept or lost by itself.</summary>
    [Test]
    public void PicturesAreDroppedAsTheirNumbersAre()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var pictures = Tensor.Filled(device, new Shape(3, 5, 2, 7), 1f);
        using var rows = Tensor.Filled(device, new Shape(3, 70), 1f);
        var x = tape.Variable(pictures);
        var y = x.Dropout(0.75f, new RandomMasks(new RandomStream(1, 0)));
        float[] kept = y.Value.ToArray();
        Assert.That(y.Shape, Is.EqualTo(x.Shape));
        Assert.That(kept, Is.EqualTo(tape.Constant(rows).Dropout(0.75f, new RandomMasks(new RandomStream(1, 0))).Value.ToArray()));
        Assert.That(tape.Gradients(y.Sum(), [x])[x].Value.ToArray(), Is.EqualTo(kept));
    }

    [Test]
    public void EachPassDrawsAnewAndTheSameStreamDrawsTheSame()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var ones = Tensor.Filled(device, new Shape(7, 33), 1f);
        var x = tape.Constant(ones);
        var layer = new Dropout(0.5f);
        var random = new RandomMasks(new RandomStream(1, 0));
        float[] first = layer.Forward(x, Pass.Training(random)).Value.ToArray();
        float[] next = layer.Forward(x, Pass.Training(random)).Value.ToArray();
        Assert.That(next, Is.Not.EqualTo(first));
        Assert.That(layer.Forward(x, Pass.Training(new RandomMasks(new RandomStream(1, 0)))).Value.ToArray(), Is.EqualTo(first));
    }

    [Test]
    public void WithNothingToDrawFromItIsTheIdentity()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var ones = Tensor.Filled(device, new Shape(7, 33), 1f);
        var x = tape.Constant(ones);
        Assert.That(new Dropout(0.5f).Forward(x, Pass.Training()), Is.SameAs(x));
        Assert.That(new Dropout(0.5f).Forward(x, Pass.Inference), Is.SameAs(x));
    }

    [TestCase(0f)]
    [TestCase(-0.5f)]
    [TestCase(1.5f)]
    [TestCase(float.NaN)]
    public void AProbabilityOutOfRangeIsRefused(float keep)
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var ones = Tensor.Filled(device, new Shape(2, 2), 1f);
        var x = tape.Constant(ones);
        Assert.That(() => x.Dropout(keep, new RandomMasks(new RandomStream(1, 0))),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith($"Dropout: {keep} is no probability"));
        Assert.That(() => new Dropout(keep), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}

using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public class TensorTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(15)]
    [TestCase(16)]
    [TestCase(1023)]
    public void HoldsWhatWasPutIn(int count)
    {
        using var device = new CpuDevice(1);
        float[] numbers = Numbers.Some(count, seed: 1);
        using var tensor = Tensor.From(device, new Shape(count), numbers);
        Numbers.AssertSame(tensor.ToArray(), numbers, "From");
        Array.Reverse(numbers);
        tensor.CopyFrom(numbers);
        var copy = new float[count];
        tensor.CopyTo(copy);
        Numbers.AssertSame(copy, numbers, "CopyFrom");
        Assert.That(tensor.Device, Is.SameAs(device));
    }

    [Test]
    public void IsFilledToTheEndAndNoFurther()
    {
        using var device = new CpuDevice(1);
        var first = Tensor.Filled(device, new Shape(20), 1f);
        first.Dispose();
        using (var second = Tensor.Filled(device, new Shape(3, 5), 2.5f))
            Assert.That(second.ToArray(), Is.EqualTo(Enumerable.Repeat(2.5f, 15)));
        using var third = new Tensor(device, new Shape(20)); // the same block: what it held before is still there
        Assert.That(third.ToArray()[15..], Is.All.EqualTo(1f));
    }

    [Test]
    public void RefusesWrongLengths()
    {
        using var device = new CpuDevice(1);
        using var tensor = new Tensor(device, new Shape(2, 3));
        Assert.That(() => tensor.CopyFrom(new float[5]), Throws.ArgumentException.With.Message.EqualTo(
            "CopyFrom: 5 numbers do not fill [2,3], which has 6 elements"));
        Assert.That(() => tensor.CopyTo(new float[7]), Throws.ArgumentException.With.Message.EqualTo(
            "CopyTo: [2,3] has 6 elements, the target 7"));
    }

    [Test]
    public void ARefusalLeavesNoBlockBehind()
    {
        using var device = new CpuDevice(1);
        Assert.Throws<ArgumentException>(() => Tensor.From(device, new Shape(4), new float[3]));
        Assert.That(device.RentedBlocks, Is.Zero);
    }

    [Test]
    public void ItemIsTheOnlyElement()
    {
        using var device = new CpuDevice(1);
        using var number = Tensor.Filled(device, new Shape(), 4.5f);
        using var matrix = Tensor.Filled(device, new Shape(1, 1), -1f);
        using var pair = new Tensor(device, new Shape(2));
        using var nothing = new Tensor(device, new Shape(0));
        Assert.That(number.Item(), Is.EqualTo(4.5f));
        Assert.That(matrix.Item(), Is.EqualTo(-1f));
        Assert.That(() => pair.Item(), Throws.InvalidOperationException.With.Message.Contains("[2] has 2 elements"));
        Assert.That(() => nothing.Item(), Throws.InvalidOperationException.With.Message.Contains("[0] has 0 elements"));
    }

    [Test]
    public void IsOfNoUseAfterDispose()
    {
        using var device = new CpuDevice(1);
        var tensor = new Tensor(device, new Shape(2, 3));
        tensor.Dispose();
        Assert.That(
            () => tensor.ToArray(),
            Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("Tensor [2,3]: its storage was handed back"));
        Assert.Throws<ObjectDisposedException>(() => tensor.CopyFrom(new float[6]));
        Assert.Throws<ObjectDisposedException>(() => _ = tensor.Storage);
        Assert.Throws<ObjectDisposedException>(() => _ = tensor.Device);
        Assert.That(tensor.Shape, Is.EqualTo(new Shape(2, 3)));
    }

    [Test]
    public void IsDisposedOnceHoweverOften()
    {
        using var device = new CpuDevice(1);
        var tensor = new Tensor(device, new Shape(6));
        tensor.Dispose();
        tensor.Dispose();
        Assert.That(device.RentedBlocks, Is.Zero);
        using var a = new Tensor(device, new Shape(6));
        using var b = new Tensor(device, new Shape(6));
        Assert.That(a.Storage, Is.Not.SameAs(b.Storage)); // a block returned twice would be lent twice
    }

    [Test]
    public void TheSameTensorsGetTheSameBlocksInWhateverOrderTheyWereHandedBack()
    {
        using var device = new CpuDevice(1);
        var first = Lend(device, 4);
        var blocks = first.Select(tensor => tensor.Storage).ToArray();
        foreach (int i in new[] { 2, 0, 3, 1 })
            first[i].Dispose();
        var second = Lend(device, 4);
        Assert.That(second.Select(tensor => tensor.Storage), Is.EqualTo(blocks));
        Array.ForEach(second, tensor => tensor.Dispose());

        static Tensor[] Lend(Device device, int count) => [.. Enumerable.Range(0, count).Select(_ => new Tensor(device, new Shape(6)))];
    }
}

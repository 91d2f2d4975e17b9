using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public class DeviceTests
{
    [Test]
    public void ASecondStepRentsNothingNew()
    {
        using var device = new CpuDevice(1);
        Shape[] shapes = [new(), new(1), new(64), new(65), new(7, 100), new(0, 3), new(64), new(128, 784)];
        long afterFirst = 0;
        for (int step = 0; step < 3; step++)
        {
            var tensors = Array.ConvertAll(shapes, shape => new Tensor(device, shape));
            Assert.That(device.RentedBlocks, Is.EqualTo(shapes.Length));
            Assert.That(tensors.Select(t => t.Storage).Distinct().Count(), Is.EqualTo(shapes.Length));
            if (step == 0)
                afterFirst = device.AllocatedBytes;
            Assert.That(device.AllocatedBytes, Is.EqualTo(afterFirst));
            foreach (var tensor in tensors)
                tensor.Dispose();
        }
        // Five blocks of 64 floats, one of 128, one of 704, one of 100352.
        Assert.That(afterFirst, Is.EqualTo(4L * ((5 * 64) + 128 + 704 + 100352)));
        Assert.That(device.RentedBlocks, Is.Zero);
    }

    [Test]
    public void CloseSizesShareABlock()
    {
        using var device = new CpuDevice(1);
        var first = new Tensor(device, new Shape(100));
        var block = first.Storage;
        first.Dispose();
        using var second = new Tensor(device, new Shape(2, 61));
        using var third = new Tensor(device, new Shape(129));
        Assert.That(second.Storage, Is.SameAs(block));
        Assert.That(third.Storage, Is.Not.SameAs(block));
        Assert.That(block.Capacity, Is.EqualTo(128));
    }

    [Test]
    public unsafe void BlocksAreAlignedToACacheLine()
    {
        using var device = new CpuDevice(1);
        foreach (int count in (int[])[0, 1, 15, 16, 17, 1023, 100_003])
        {
            var tensor = new Tensor(device, new Shape(count)); // kept, so that each is another block
            Assert.That((nuint)((HostStorage)tensor.Storage).Pointer % 64, Is.EqualTo((nuint)0), $"{count} floats");
            Assert.That(tensor.Storage.Capacity, Is.AtLeast(count));
        }
    }

    [Test]
    public void ABlockIsNotTakenBackTwice()
    {
        using var device = new CpuDevice(1);
        var storage = device.Rent(10);
        device.Return(storage);
        Assert.That(() => device.Return(storage), Throws.InvalidOperationException.With.Message.Contains("in the pool already"));
        Assert.That(device.RentedBlocks, Is.Zero);
    }

    [Test]
    public void KnowsItsNameAndThreads()
    {
        using var device = new CpuDevice();
        using var three = new CpuDevice(3);
        Assert.That(device.Name, Is.EqualTo("cpu"));
        Assert.That(device.Threads, Is.EqualTo(Environment.ProcessorCount));
        Assert.That(three.Threads, Is.EqualTo(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new CpuDevice(-1));
        device.Synchronize();
    }
}

using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What a training step of odog takes from the system after the first: no storage, and almost nothing managed.</summary>
[TestFixture]
[Quick]
internal sealed class StepStorageTests
{
    private const int AllowedPerStep = 32 * 1024;

    [Test]
    [NonParallelizable]
    public void AStepRentsNothingNewAndAllocatesLittle([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        var recipe = new Odog();
        var model = new SteppedModel(recipe, device, 784, seed: 1);
        using var real = new Tensor(device, new Shape(recipe.Batch, 784));
        RandomNumbers.Uniform(new RandomStream(1, 0), -1, 1, real);

        model.Run([real]);
        long storage = device.AllocatedBytes;
        int rented = device.RentedBlocks;
        model.Run([real]); // what the runtime sets up once is done after two
        long perStep = long.MaxValue; // of all threads; the least of some steps, because the test run's own threads allocate at times
        for (int i = 0; i < 6; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            model.Run([real]);
            perStep = Math.Min(perStep, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        TestContext.Out.WriteLine($"a step of odog, batch {recipe.Batch}: {perStep} bytes managed, {storage} bytes of storage in all");
        Assert.Multiple(() =>
        {
            Assert.That(device.AllocatedBytes, Is.EqualTo(storage), "storage since the first step");
            Assert.That(device.RentedBlocks, Is.EqualTo(rented), "blocks that tensors hold between steps");
            Assert.That(perStep, Is.LessThanOrEqualTo(AllowedPerStep), "managed bytes in a step");
        });
    }

    [Test]
    public void ALeakIsFound()
    {
        using var device = new CpuDevice(1);
        var recipe = new Odog();
        var model = new SteppedModel(recipe, device, 16, seed: 1);
        using var real = Tensor.Filled(device, new Shape(4, 16), 0.5f);
        model.Run([real]);
        long storage = device.AllocatedBytes;
        using var kept = model.Noise.Draw("z", 4); // as a tensor that a step forgot
        model.Run([real]);
        Assert.That(device.AllocatedBytes, Is.GreaterThan(storage));
    }
}

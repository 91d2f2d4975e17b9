using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What a device behind ILGPU keeps of its own: the pool, the ring that numbers travel by, numbers read late, timings, words for errors.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class AcceleratorDeviceTests(Engine engine)
{
    [OneTimeSetUp]
    public void Find() => _ = engine.Device;

    [Test]
    public void KnowsWhatItIs()
    {
        using var device = Open();
        Assert.That(device.Name, Does.StartWith(engine.Name));
        Assert.That(device.Description.Memory, Is.AtLeast(1 << 26));
        Assert.That(device.Description.Model, Is.Not.Empty);
        Assert.That(device.IsImmediate, Is.EqualTo(engine == Engine.Emulated));
        Assert.That(device.MaxArgumentBytes, Is.AtLeast(1024 * 2 / 3));
    }

    [Test]
    public void NumbersGoThereAndBack()
    {
        using var device = Open();
        foreach (int count in (int[])[0, 1, 63, 64, 65, 100_003, 3_000_001])
        {
            float[] numbers = [.. Enumerable.Range(0, count).Select(i => i * 0.25f)];
            using var tensor = Tensor.From(device, new Shape(count), numbers);
            Assert.That(tensor.ToArray().AsSpan().SequenceEqual(numbers), Is.True, $"{count} numbers");
            device.Fill(tensor, 1.5f);
            Assert.That(tensor.ToArray().All(number => number == 1.5f), Is.True, $"{count} numbers");
        }
        Assert.That(device.RentedBlocks, Is.Zero);
    }

    [Test]
    public void BlocksComeBackFromThePool()
    {
        using var device = Open();
        var first = new Tensor(device, new Shape(100));
        var block = first.Storage;
        first.Dispose();
        using var second = new Tensor(device, new Shape(128));
        Assert.That(second.Storage, Is.SameAs(block));
        Assert.That(device.AllocatedBytes, Is.EqualTo(512));
    }

    /// <summary>The ring has 16 MiB; three hundred tensors of 0.1 MiB and one of 20 MiB go round it more than twice.</summary>
    [Test]
    public void ManyUploadsInARowKeepTheirNumbers()
    {
        using var device = Open();
        var tensors = new Tensor[engine.IsFast ? 300 : 170];
        var buffer = new float[30_000];
        for (int i = 0; i < tensors.Length; i++)
        {
            Array.Fill(buffer, i); // the same memory each time: an upload has taken what it needs when it returns
            tensors[i] = Tensor.From(device, new Shape(buffer.Length), buffer);
        }
        float[] many = [.. Enumerable.Range(0, 5_000_003).Select(i => (float)i)];
        using var large = Tensor.From(device, new Shape(many.Length), many);
        for (int i = 0; i < tensors.Length; i++)
            Assert.That(tensors[i].ToArray().All(number => number == i), Is.True, $"tensor {i}");
        Assert.That(large.ToArray().AsSpan().SequenceEqual(many), Is.True);
    }

    [Test]
    public void LateNumbersComeInTheirOrder()
    {
        using var device = Open();
        using var loss = Tensor.From(device, new Shape(), [1]);
        var late = new Queue<DeferredScalar>();
        for (int i = 0; i < 30; i++)
        {
            Elementwise.Map(new Affine(2, 0), loss, loss);
            late.Enqueue(loss.ReadDeferred());
            if (late.Count > 3)
                Assert.That(late.Dequeue().Value, Is.EqualTo(MathF.Pow(2, i - 2)));
        }
        Assert.That(late.Last().Value, Is.EqualTo(MathF.Pow(2, 30)));
        Assert.That(
            () => new DeferredScalar(device, 5000).Value,
            Throws.InvalidOperationException.With.Message.Contains("no number was asked for"));
    }

    [Test]
    public void ALateNumberThatIsTooOldIsGone()
    {
        using var device = Open();
        using var one = Tensor.From(device, new Shape(1), [1]);
        var first = one.ReadDeferred();
        for (int i = 1; i < DeferredScalar.MaxPending; i++)
            one.ReadDeferred();
        Assert.That(first.Value, Is.EqualTo(1));
        one.ReadDeferred();
        const string Gone = "the number of ticket 0 is gone, because 1024 were asked for after it";
        Assert.That(() => first.Value, Throws.InvalidOperationException.With.Message.Contains(Gone));
    }

    [Test]
    public void DebuggingTimesTheKernels()
    {
        var log = new StringWriter();
        int runs = engine.IsFast ? 700 : 20;
        using (var device = Open(log, debugLevel: 2))
        {
            using var x = Tensor.Filled(device, new Shape(1000), 1);
            for (int i = 0; i < runs; i++)
                Elementwise.Map(new Affine(1, 0), x, x);
        }
        string kernel = @"\nMapKernel<Affine> +" + runs + @" +\d+\.\d{3} +\d+\.\d\d +100";
        Assert.That(log.ToString(), Does.Match($"^{engine.Name}.* GiB").And.Match(kernel));
        Assert.That(log.ToString(), Does.Contain("1 kernels compiled"));
    }

    [Test]
    public void DebuggingShowsTheTextThatAKernelBecomes()
    {
        var log = new StringWriter();
        using (var device = Open(log, debugLevel: 3))
        {
            using var x = Tensor.Filled(device, new Shape(10), 1);
            Elementwise.Map(new Affine(1, 0), x, x);
        }
        string text = engine == Engine.Emulated ? "runs as the C#" : engine == Engine.OpenCl ? "kernel void" : ".entry";
        Assert.That(log.ToString(), Does.Contain(text));
    }

    /// <summary>A driver's launcher names only types that have fields.</summary>
    [Test]
    public void AFormulaThatLaunchersCantNameIsRefused()
    {
        using var device = Open(Engine.Emulated);
        using var x = Tensor.Filled(device, new Shape(10), 1);
        Assert.That(
            () => Elementwise.Map(default(Hidden), x, x),
            Throws.TypeOf<DeviceException>().With.Message.Contains("Hidden")
                .And.Message.Contains("make them public, or internal with [assembly: InternalsVisibleTo"));
    }

    private AcceleratorDevice Open(TextWriter? log = null, int debugLevel = 0) => Open(engine, log, debugLevel);

    internal static AcceleratorDevice Open(Engine engine, TextWriter? log = null, int debugLevel = 0)
    {
        var settings = new DeviceSettings("", debugLevel, log ?? TextWriter.Null);
        if (engine == Engine.Emulated)
            return DeviceCatalog.OpenEmulated(settings);
        var catalog = new DeviceCatalog();
        return catalog.Open(catalog.Find(engine.Name, null), settings);
    }

    private readonly record struct Hidden : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => x;

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy;
    }
}

/// <summary>Memory that comes to an end; the emulated device has the machine's.</summary>
[TestFixtureSource(nameof(Engines))]
internal sealed class AcceleratorMemoryTests(Engine engine)
{
    public static readonly Engine[] Engines = [Engine.OpenCl, Engine.Cuda];

    [OneTimeSetUp]
    public void Find() => _ = engine.Device;

    [Test]
    public void BlocksThatNobodyHoldsMakeRoomForOthers()
    {
        using var device = AcceleratorDeviceTests.Open(engine);
        int most = (int)Math.Min((ulong)Shape.MaxElements, device.Description.Memory / 5 / sizeof(float));
        for (int i = 0; i < 8; i++)
            new Tensor(device, new Shape(most - (i * 64))).Dispose(); // each another size: eight fifths of the memory in all
        using var small = Tensor.From(device, new Shape(1), [4]);
        Assert.That(small.Item(), Is.EqualTo(4));
        Assert.That((ulong)device.AllocatedBytes, Is.LessThanOrEqualTo(device.Description.Memory * 8 / 5));
    }

    [Test]
    public void MoreMemoryThanThereIsIsRefusedInNumbers()
    {
        using var device = AcceleratorDeviceTests.Open(engine);
        var found = device.Description;
        int count = (int)Math.Min((ulong)Shape.MaxElements, (found.Memory / sizeof(float)) + 1);
        var fault = Assert.Throws<DeviceException>(() =>
        {
            for (ulong taken = 0; taken <= found.Memory; taken += (ulong)count * sizeof(float))
                _ = new Tensor(device, new Shape(count));
        })!;
        Assert.That(fault.Message, Does.StartWith($"The device {found} has no memory for another "));
        Assert.That(
            fault.Message, Does.Contain("tensors of this process take").And.Contain($"it has {ByteCount.Describe(found.Memory)} in all"));
        using var small = Tensor.From(device, new Shape(1), [4]);
        Assert.That(small.Item(), Is.EqualTo(4), "the device is of no use afterwards");
    }
}

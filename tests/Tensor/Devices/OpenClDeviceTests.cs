using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The first OpenCL device of this machine; PoCL makes one of any processor.</summary>
public sealed class OpenClDeviceTests
{
    private const string Scale = """
        kernel void scale(global float* x, float by, int count)
        {
            size_t i = get_global_id(0);
            if (i < (size_t)count) x[i] = by * x[i];
        }
        """;

    private const string Places = """
        kernel void places(global float* x)
        {
            size_t group = get_group_id(0) + get_num_groups(0) * (get_group_id(1) + get_num_groups(1) * get_group_id(2));
            x[group * get_local_size(0) + get_local_id(0)] = 1000 * group + get_local_id(0);
        }
        """;

    private TestFolder _folder = null!;
    private DeviceCatalog _catalog = null!;
    private DeviceDescription _found = null!;

    private string Programs => Path.Combine(_folder.Path, "programs");

    [SetUp]
    public void SetUp()
    {
        _folder = new TestFolder();
        _catalog = new DeviceCatalog();
        ToolRequirement.Require(_catalog.OpenCl.Devices.Any(device => device.Refusal is null), "an OpenCL device");
        _found = _catalog.Find("opencl", null);
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void KnowsWhatItIs()
    {
        using var device = Open();
        Assert.That(device.Name, Does.Match(@"^opencl:\d+$"));
        Assert.That(device.Target, Is.EqualTo(new OpenClTarget()));
        Assert.That(device.MostThreadsOfGroup, Is.AtLeast(256));
        Assert.That(device.Description.Memory, Is.AtLeast(1 << 26));
        Assert.That(device.Description.Model, Is.Not.Empty);
        Assert.That(device.Description.Driver, Does.Match(@"\d"));
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
        Assert.That(block.Handle, Is.Not.Zero);
    }

    [Test]
    public void ManyUploadsInARowKeepTheirNumbers()
    {
        using var device = Open();
        var program = device.Load(Scale, "scale");
        var tensors = new Tensor[300];
        var buffer = new float[30_000];
        for (int i = 0; i < tensors.Length; i++)
        {
            Array.Fill(buffer, i); // the same memory each time: an upload has taken what it needs when it returns
            tensors[i] = Tensor.From(device, new Shape(buffer.Length), buffer);
            Multiply(device, program, tensors[i], 2);
        }
        for (int i = 0; i < tensors.Length; i++)
            Assert.That(tensors[i].ToArray().All(number => number == 2 * i), Is.True, $"tensor {i}");
    }

    [Test]
    public void LateNumbersComeInTheirOrder()
    {
        using var device = Open();
        var program = device.Load(Scale, "scale");
        using var loss = Tensor.From(device, new Shape(), [1]);
        var late = new Queue<Late>();
        for (int i = 0; i < 60; i++)
        {
            Multiply(device, program, loss, 2);
            late.Enqueue(loss.Later());
            if (late.Count > 3)
                Assert.That(late.Dequeue().Value, Is.EqualTo(MathF.Pow(2, i - 2)));
        }
        Assert.That(late.Last().Value, Is.EqualTo(MathF.Pow(2, 60)));
    }

    [Test]
    public void ALateNumberThatIsTooOldIsGone()
    {
        using var device = Open();
        using var one = Tensor.From(device, new Shape(1), [1]);
        var first = one.Later();
        for (int i = 1; i < Late.MostPending; i++)
            one.Later();
        Assert.That(first.Value, Is.EqualTo(1));
        one.Later();
        Assert.That(() => first.Value, Throws.InvalidOperationException.With.Message.Contains("is gone"));
    }

    [Test]
    public void GroupsAndThreadsLieAsAsked()
    {
        using var device = Open();
        var program = device.Load(Places, "places");
        using var x = new Tensor(device, new Shape(2 * 3 * 4, 32));
        device.Launch(program, new GridSize(2, 3, 4), 32, [new((ulong)x.Storage.Handle, 8)]);
        Assert.That(x.ToArray(), Is.EqualTo(Enumerable.Range(0, 24 * 32).Select(i => (1000f * (i / 32)) + (i % 32))));
    }

    [Test]
    public void ARejectedTextIsKeptAndNamed()
    {
        using var device = Open();
        const string Text = "kernel void broken(global float* x) { x[0] = nonsense; }";
        var fault = Assert.Throws<DeviceException>(() => device.Load(Text, "broken"))!;
        string path = Directory.GetFiles(Path.Combine(Programs, "rejected"), "broken-*.cl").Single();
        Assert.That(File.ReadAllText(path), Is.EqualTo(Text));
        Assert.That(fault.Message, Does.Contain($"rejects the kernel broken. The text is in {path}; ").And.Contain("nonsense"));
        Assert.That(fault.Message.Split('\n'), Has.Length.LessThan(9));
        Assert.That(() => device.Load(Scale, "another name"), Throws.TypeOf<DeviceException>().With.Message.Contains("CL_INVALID_KERNEL_NAME"));
    }

    [Test]
    public void TheSecondDeviceFindsTheProgramOnDisk()
    {
        for (int i = 0; i < 3; i++)
        {
            if (i == 2)
                Damage(Directory.GetFiles(Programs).Single());
            using var device = Open();
            using var x = Tensor.From(device, new Shape(3), [1, 2, 3]);
            Multiply(device, device.Load(Scale, "scale"), x, 3);
            Assert.That(x.ToArray(), Is.EqualTo(new[] { 3f, 6, 9 }));
            Assert.That(device.ProgramsCompiled, Is.EqualTo(i == 1 ? 0 : 1), i == 2 ? "a damaged file was used" : $"device {i}");
        }
        static void Damage(string path)
        {
            byte[] file = File.ReadAllBytes(path);
            file[^5] ^= 0x10;
            File.WriteAllBytes(path, file);
        }
    }

    [Test]
    public void MoreMemoryThanThereIsIsRefusedInNumbers()
    {
        using var device = Open();
        int count = (int)Math.Min((ulong)Shape.MaxElements, (_found.Memory / sizeof(float)) + 1);
        var fault = Assert.Throws<DeviceException>(() =>
        {
            for (ulong taken = 0; taken <= _found.Memory; taken += (ulong)count * sizeof(float))
                _ = new Tensor(device, new Shape(count));
        })!;
        Assert.That(fault.Message, Does.StartWith($"The device {_found} has no memory for another "));
        Assert.That(fault.Message, Does.Contain("tensors of this process take").And.Contain($"it has {ByteCount.Words(_found.Memory)} in all"));
        using var small = Tensor.From(device, new Shape(1), [4]);
        Assert.That(small.Item(), Is.EqualTo(4), "the device is of no use afterwards");
    }

    [Test]
    public void DebuggingTimesTheKernels()
    {
        var log = new StringWriter();
        using (var device = Open(log, debugLevel: 2))
        {
            using var x = Tensor.Filled(device, new Shape(100_000), 1);
            var program = device.Load(Scale, "scale");
            for (int i = 0; i < 700; i++)
                Multiply(device, program, x, 1);
        }
        Assert.That(log.ToString(), Does.Contain($"{_found}: {_found.Driver}").And.Match(@"\nscale +700 +\d+\.\d{3} +\d+\.\d\d +100"));
    }

    private static void Multiply(ProgramDevice device, DeviceProgram scale, Tensor x, float by) => device.Launch(
        scale, new GridSize((x.Count + 255) / 256), 256,
        [new((ulong)x.Storage.Handle, 8), new(BitConverter.SingleToUInt32Bits(by), 4), new((uint)x.Count, 4)]);

    private OpenClDevice Open(TextWriter? log = null, int debugLevel = 0) =>
        (OpenClDevice)_catalog.Open(_found, new DeviceSettings(Programs, debugLevel, log ?? TextWriter.Null));
}

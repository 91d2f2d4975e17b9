using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Kernels that are picked by measurement: known later, in this process and in others, and never of other bits.</summary>
[TestFixture]
internal sealed class KernelChoicesTests
{
    private const int M = 70, K = 20, N = 50;
    private TestFolder _cache = null!;

    [SetUp]
    public void SetUp() => _cache = new TestFolder();

    [TearDown]
    public void TearDown() => _cache.Dispose();

    [Test]
    public void AProductIsMeasuredOnce()
    {
        float[] picked, plain = Product(null, out long launches);
        Assert.That(launches, Is.EqualTo(1), "nothing is measured on a processor");
        using (var device = Open(true))
        {
            picked = Product(device, out launches);
            Assert.That(launches, Is.GreaterThan(3 * 4), "three tiles, some times each");
            Assert.That(Product(device, out launches), Is.EqualTo(picked));
            Assert.That(launches, Is.EqualTo(1), "known by now");
        }
        Assert.That(picked, Is.EqualTo(plain));
        string file = Directory.GetFiles(Path.Combine(_cache.Path, "kernels")).Single();
        Assert.That(File.ReadAllLines(file), Has.Length.EqualTo(2).And.ItemAt(1).StartsWith($"product {M} {N} {K} 0 "));
        using (var device = Open(true))
        {
            Assert.That(Product(device, out launches), Is.EqualTo(plain));
            Assert.That(launches, Is.EqualTo(1), "known from the file");
        }
    }

    /// <summary>Every line of a damaged file is passed over, and written anew.</summary>
    [TestCase("gan-kernel-choices 1\nproduct 70 50 20 0 99\n")]
    [ExhaustiveCase("gan-kernel-choices 1\nproduct 70 50 20 0 x\n")]
    [ExhaustiveCase("gan-kernel-choices 2\nproduct 70 50 20 0 1\n")]
    [ExhaustiveCase("\0\0")]
    public void ADamagedFileIsMeasuredAnew(string text)
    {
        using (var device = Open(true))
            Product(device, out _);
        string file = Directory.GetFiles(Path.Combine(_cache.Path, "kernels")).Single();
        File.WriteAllText(file, text);
        using (var device = Open(true))
        {
            Product(device, out long launches);
            Assert.That(launches, Is.GreaterThan(1));
        }
        using (var device = Open(true))
        {
            Product(device, out long launches);
            Assert.That(launches, Is.EqualTo(1));
        }
    }

    /// <summary>What is measured on is nobody's: parameters and moments move once.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void AnUpdateIsMeasuredOnce()
    {
        var plain = Updated(null);
        using var device = Open(true);
        Assert.That(Updated(device), Is.EqualTo(plain));
        Assert.That(device.RentedBlocks, Is.Zero);
    }

    private static AcceleratorDevice Open(bool picks, string cache)
    {
        var catalog = new DeviceCatalog();
        ToolRequirement.Require(catalog.OpenCl.Devices.Any(device => device.Refusal is null), "an OpenCL device");
        return catalog.Open(catalog.Find("opencl", null), new DeviceSettings(cache, 0, TextWriter.Null) { PicksKernels = picks });
    }

    private AcceleratorDevice Open(bool picks) => Open(picks, _cache.Path);

    private static float[] Product(AcceleratorDevice? device, out long launches)
    {
        device ??= (AcceleratorDevice)Engine.OpenCl.Device;
        using Tensor a = Numbers.Some(device, new Shape(M, K), 1), b = Numbers.Some(device, new Shape(K, N), 2);
        using var y = new Tensor(device, new Shape(M, N));
        launches = -device.Launches;
        MatMul.Run(a, false, b, false, y);
        launches += device.Launches;
        return y.ToArray();
    }

    private static List<float> Updated(AcceleratorDevice? device)
    {
        device ??= (AcceleratorDevice)Engine.OpenCl.Device;
        using Tensor x = Numbers.Some(device, new Shape(9, K), 1), dy = Numbers.Some(device, new Shape(9, N), 2);
        using Tensor value = Numbers.Some(device, new Shape(K, N), 3), mean = Tensor.Filled(device, new Shape(K, N), 0.1f);
        using Tensor square = Tensor.Filled(device, new Shape(K, N), 0.2f), faults = Tensor.Filled(device, new Shape(1), 0f);
        AdamStep.Run([new(value, null, mean, square, new(x, dy))], new AdamNumbers(0.1f, 0.5f, 0.9f, 1.1f, 1e-7f, 3), faults);
        return [.. value.ToArray(), .. mean.ToArray(), .. square.ToArray(), .. faults.ToArray()];
    }
}

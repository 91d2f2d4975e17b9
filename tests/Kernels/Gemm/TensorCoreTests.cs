using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Products on a GPU's own tensor cores, through the library's door. The order of their sums is not documented, so numbers are taken whose
/// sums are exact in any order, and numbers whose error is bounded.
/// </summary>
[TestFixture]
internal sealed class TensorCoreTests
{
    private static readonly (int M, int K, int N)[] Sizes =
        [(16, 8, 16), (33, 45, 35), (128, 100, 256), (1030, 77, 1034), (2052, 36, 2056)];

    private AcceleratorDevice _device = null!;

    [OneTimeSetUp]
    public void Open()
    {
        var catalog = new DeviceCatalog();
        if (catalog.Cuda.Devices.FirstOrDefault(device => device is { Refusal: null, IsAmpereOrNewer: true }) is not { } found)
        {
            Assert.Ignore("needs a CUDA device with compute capability 8.0 or newer");
            return;
        }
        _device = catalog.Open(found, new DeviceSettings("", 0, TextWriter.Null) { Fast = true });
    }

    [OneTimeTearDown]
    public void Close() => _device?.Dispose();

    [Test]
    public void WholeNumbersAreExact([Values] bool transposeA, [Values] bool transposeB)
    {
        foreach (var (m, k, n) in Sizes)
        {
            var random = new Random(m);
            float[] a = [.. Enumerable.Range(0, m * k).Select(_ => (float)random.Next(-8, 9))];
            float[] b = [.. Enumerable.Range(0, k * n).Select(_ => (float)random.Next(-8, 9))];
            using var ta = Tensor.From(_device, transposeA ? new Shape(k, m) : new Shape(m, k), a);
            using var tb = Tensor.From(_device, transposeB ? new Shape(n, k) : new Shape(k, n), b);
            using var y = Numbers.Unwritten(_device, m, n);
            var call = new GemmCall(ta, transposeA, tb, transposeB, y);
            Assert.That(TileChoice.TakesTensorCores(call), Is.EqualTo(!transposeA || transposeB));
            MatMul.Run(ta, transposeA, tb, transposeB, y);
            Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a, transposeA, b, transposeB, m, k, n), $"[{m},{k}] x [{k},{n}]");
        }
    }

    /// <summary>Operands are rounded as `cvt.rna` is documented to: each product is within the float32 sum's error of theirs.</summary>
    [Test]
    public void OthersAreThoseOfRoundedOperands()
    {
        foreach (var (m, k, n) in Sizes)
        {
            using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
            using var y = Numbers.Unwritten(_device, m, n);
            MatMul.Run(a, false, b, false, y);
            float[] chain = MatMulTests.Chain(Tf32.Rounded(a), false, Tf32.Rounded(b), false, m, k, n);
            Numbers.AssertClose(y.ToArray(), [.. chain.Select(x => (double)x)], 1e-5, $"[{m},{k}] x [{k},{n}]", floor: Math.Sqrt(k));
        }
    }

    /// <summary>The tile is picked by measurement, so none may change a bit.</summary>
    [Test]
    public void EveryTileHasTheSameBits()
    {
        foreach (var (m, k, n) in Sizes)
        {
            using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
            using var large = Numbers.Unwritten(_device, m, n);
            using var middle = Numbers.Unwritten(_device, m, n);
            using var fine = Numbers.Unwritten(_device, m, n);
            DeviceGemm.WithTile<LargeTf32Tile<TensorCores>, DeviceStore>(_device, false, false, Product(a, b, large));
            DeviceGemm.WithTile<MiddleTf32Tile<TensorCores>, DeviceStore>(_device, false, false, Product(a, b, middle));
            DeviceGemm.WithTile<FineTf32Tile<TensorCores>, DeviceStore>(_device, false, false, Product(a, b, fine));
            Numbers.AssertSame(middle.ToArray(), large.ToArray(), $"[{m},{k}] x [{k},{n}], middle and large");
            Numbers.AssertSame(fine.ToArray(), large.ToArray(), $"[{m},{k}] x [{k},{n}], fine and large");
        }
    }

    [TestCase(15, 16, 8)]
    [TestCase(16, 15, 8)]
    [TestCase(16, 16, 7)]
    public void SmallProductsAreTheChain(int m, int n, int k)
    {
        using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
        using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
        using var y = Numbers.Unwritten(_device, m, n);
        MatMul.Run(a, false, b, false, y);
        Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a.ToArray(), false, b.ToArray(), false, m, k, n), "as without --fast");
    }

    private MatMulArguments<DeviceStore> Product(Tensor a, Tensor b, Tensor y) => new(
        a.On(_device), b.On(_device), y.On(_device), default, y.Shape[0], y.Shape[1], a.Shape[1]);
}

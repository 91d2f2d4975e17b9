using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The matrix product on tensor cores, with C# in their place: which lane holds what, staging and edges are the kernel's own. Every
/// element is the chain of multiply-adds over operands that were rounded to TF32, to the bit.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class Tf32OnEnginesTests(Engine engine)
{
    private static readonly string[] Tiles = ["fine", "middle", "large"]; // the quickest is the suite's sample

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    /// <summary>Neither side transposed, or both: so each side has each of its layouts.</summary>
    [Sampled(6)]
    public void EveryTileIsTheChainOfRoundedOperands([ValueSource(nameof(Tiles))] string tile, [Values] bool transposed)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var a = Numbers.Some(_device, transposed ? new Shape(k, m) : new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, transposed ? new Shape(n, k) : new Shape(k, n), seed: 2);
            using var y = Numbers.Unwritten(_device, m, n);
            Run(tile, a, transposed, b, transposed, default(DeviceStore), y);
            float[] chain = MatMulTests.Chain(Tf32.Rounded(a), transposed, Tf32.Rounded(b), transposed, m, k, n);
            Numbers.AssertSame(y.ToArray(), chain, $"[{m},{k}] x [{k},{n}]");
        }
    }

    /// <summary>Where the last steps of k don't exist, nothing is multiplied: infinities of the row before don't meet a 0.</summary>
    [Sampled(3)]
    public void InfinitiesAndNaNStayInTheirRow([ValueSource(nameof(Tiles))] string tile)
    {
        float[] a = Numbers.Some(19 * 37, seed: 1), b = Numbers.Some(37 * 17, seed: 2);
        a[(2 * 37) + 5] = float.PositiveInfinity;
        a[(8 * 37) + 36] = float.NaN;
        a[(18 * 37) + 36] = float.NegativeInfinity;
        using var ta = Tensor.From(_device, new Shape(19, 37), a);
        using var tb = Tensor.From(_device, new Shape(37, 17), b);
        using var y = Numbers.Unwritten(_device, 19, 17);
        Run(tile, ta, false, tb, false, default(DeviceStore), y);
        float[] chain = MatMulTests.Chain(Tf32.Rounded(ta), false, Tf32.Rounded(tb), false, 19, 37, 17);
        Assert.That(chain.Count(float.IsNaN), Is.EqualTo(17), "one row");
        Numbers.AssertSame(y.ToArray(), chain, "with infinity and NaN");
    }

    /// <summary>Sums that start at the result's values, and sums with a bias and an activation.</summary>
    [Sampled(5)]
    public void SumsAccumulateAndTakeABias([ValueSource(nameof(Tiles))] string tile)
    {
        var (m, k, n) = Sizes(tile).First();
        using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
        using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
        using var bias = Numbers.Some(_device, new Shape(n), seed: 3);
        using var y = Numbers.Some(_device, new Shape(m, n), seed: 4);
        float[] rounded = Tf32.Rounded(a), others = Tf32.Rounded(b), addends = bias.ToArray();
        float[] accumulated = MatMulTests.Chain(rounded, false, others, false, m, k, n, from: y.ToArray());
        Run(tile, a, false, b, false, default(DeviceAccumulate), y);
        Numbers.AssertSame(y.ToArray(), accumulated, $"accumulated [{m},{k}] x [{k},{n}]");
        Run(tile, a, false, b, false, new DeviceBias<LeakyRelu>(new LeakyRelu(0.2f), bias.On(_device)), y);
        float[] chain = MatMulTests.Chain(rounded, false, others, false, m, k, n);
        Numbers.AssertSame(
            y.ToArray(), [.. chain.Select((sum, i) => sum + addends[i % n]).Select(x => x > 0 ? x : 0.2f * x)],
            $"[{m},{k}] x [{k},{n}] with bias and activation");
    }

    /// <summary>No engine of the tests was asked to be fast, and the emulated one can't be.</summary>
    [Test]
    public void NothingIsFastUnasked()
    {
        using Tensor x = new(_device, new Shape(64, 64)), y = new(_device, new Shape(64, 64));
        Assert.That(TileChoice.TakesTensorCores(new GemmCall(x, false, x, false, y)), Is.False);
        using var emulated = DeviceCatalog.OpenEmulated(new DeviceSettings("", 0, TextWriter.Null) { Fast = true });
        Assert.That(emulated.Fast, Is.False);
    }

    /// <summary>
    /// Several groups and edges of both widths, with five and twelve steps of k after whole blocks: less than one instruction, and one and
    /// a half. Sizes that are multiples of four are read four numbers at a time.
    /// </summary>
    private IEnumerable<(int M, int K, int N)> Sizes(string tile)
    {
        var (side, depth) = tile switch
        {
            "large" => (LargeTf32Tile<EmulatedMma>.Side, LargeTf32Tile<EmulatedMma>.Depth),
            "middle" => (MiddleTf32Tile<EmulatedMma>.Side, MiddleTf32Tile<EmulatedMma>.Depth),
            _ => (FineTf32Tile<EmulatedMma>.Side, FineTf32Tile<EmulatedMma>.Depth),
        };
        return engine.Speed switch
        {
            Engine.Pace.Fast =>
            [
                (side + 4, depth + 12, side + 8), (side + 1, depth + 5, side + 3), (2 * side, 2 * depth, side), (3, depth - 1, side + 17),
                (16, 8, 16), (5, 1, 3), (3, 0, 5), (4, 0, 4),
            ],
            _ => [(side + 4, depth + 12, 8), (17, depth + 5, 19)],
        };
    }

    private void Run<E>(string tile, Tensor a, bool transposeA, Tensor b, bool transposeB, E epilogue, Tensor y)
        where E : struct, IDeviceEpilogue
    {
        var arguments = new MatMulArguments<E>(
            a.On(_device), b.On(_device), y.On(_device), epilogue, y.Shape[0], y.Shape[1], a.Shape[transposeA ? 0 : 1]);
        if (tile == "large")
            DeviceGemm.WithTile<LargeTf32Tile<EmulatedMma>, E>(_device, transposeA, transposeB, arguments);
        else if (tile == "middle")
            DeviceGemm.WithTile<MiddleTf32Tile<EmulatedMma>, E>(_device, transposeA, transposeB, arguments);
        else
            DeviceGemm.WithTile<FineTf32Tile<EmulatedMma>, E>(_device, transposeA, transposeB, arguments);
    }
}

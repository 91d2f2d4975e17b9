using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The matrix product whose blocks are copied ahead, on every engine: with copies that are there as early and as late as may be, and on a
/// GPU with its own. Every element is the chain of multiply-adds, to the bit, after more blocks than shared memory holds.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class AheadGemmTests(Engine engine)
{
    private static readonly string[] Tiles = ["middle", "fine", "tiny"], Copies = ["early", "late", "asynchronous"];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    /// <summary>Neither side transposed, or both: so each side has each of its layouts.</summary>
    [Sampled(7)]
    public void EveryTileIsTheChain(
        [ValueSource(nameof(Tiles))] string tile, [ValueSource(nameof(Copies))] string copies, [Values] bool transposed)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var a = Numbers.Some(_device, transposed ? new Shape(k, m) : new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, transposed ? new Shape(n, k) : new Shape(k, n), seed: 2);
            using var y = Numbers.Unwritten(_device, m, n);
            Run(tile, copies, a, b, transposed, default(DeviceStore), y);
            Numbers.AssertSame(
                y.ToArray(), MatMulTests.Chain(a.ToArray(), transposed, b.ToArray(), transposed, m, k, n), $"[{m},{k}] x [{k},{n}]");
        }
    }

    /// <summary>Sums that start at the result's values, and sums with a bias and an activation.</summary>
    [Sampled(5)]
    public void SumsAccumulateAndTakeABias([ValueSource(nameof(Copies))] string copies)
    {
        var (m, k, n) = Sizes("fine").First();
        using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
        using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
        using var bias = Numbers.Some(_device, new Shape(n), seed: 3);
        using var y = Numbers.Some(_device, new Shape(m, n), seed: 4);
        float[] accumulated = MatMulTests.Chain(a.ToArray(), false, b.ToArray(), false, m, k, n, from: y.ToArray());
        Run("fine", copies, a, b, false, default(DeviceAccumulate), y);
        Numbers.AssertSame(y.ToArray(), accumulated, $"accumulated [{m},{k}] x [{k},{n}]");
        Run("fine", copies, a, b, false, new DeviceBias<LeakyRelu>(new LeakyRelu(0.2f), bias.On(_device)), y);
        float[] chain = MatMulTests.Chain(a.ToArray(), false, b.ToArray(), false, m, k, n), addends = bias.ToArray();
        Numbers.AssertSame(
            y.ToArray(), [.. chain.Select((sum, i) => sum + addends[i % n]).Select(x => x > 0 ? x : 0.2f * x)],
            $"[{m},{k}] x [{k},{n}] with bias and activation");
    }

    /// <summary>Infinities of a row don't meet what is copied from beyond its end, or from beyond the matrix.</summary>
    [Test]
    public void InfinitiesAndNaNStayInTheirRow([ValueSource(nameof(Copies))] string copies)
    {
        float[] a = Numbers.Some(9 * 33, seed: 1), b = Numbers.Some(33 * 7, seed: 2);
        a[(2 * 33) + 5] = float.PositiveInfinity;
        a[(8 * 33) + 32] = float.NaN;
        using var ta = Tensor.From(_device, new Shape(9, 33), a);
        using var tb = Tensor.From(_device, new Shape(33, 7), b);
        using var y = Numbers.Unwritten(_device, 9, 7);
        Run("fine", copies, ta, tb, false, default(DeviceStore), y);
        Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a, false, b, false, 9, 33, 7), "with infinity and NaN");
    }

    /// <summary>More blocks than there are places for, none, and parts of one; multiples of four, and others.</summary>
    private IEnumerable<(int M, int K, int N)> Sizes(string tile)
    {
        var (side, depth) = tile switch
        {
            "middle" => (MiddleTile.Side, MiddleTile.Depth),
            "tiny" => (FineTile<Sixteen>.Side, FineTile<Sixteen>.Depth),
            _ => (FineTile<ThirtyTwo>.Side, FineTile<ThirtyTwo>.Depth),
        };
        return engine.Speed switch
        {
            Engine.Pace.Fast =>
            [
                (side + 1, (6 * depth) + 3, side + 3), (side + 4, (5 * depth) + 4, side + 8), (4, 4 * depth, 2 * side), (3, depth - 1, 5),
                (4, 3 * depth, 4), (1, 1, 1), (3, 0, 5), (4, 0, 4),
            ],
            _ => [(5, (5 * depth) + 3, 7), (8, (5 * depth) + 4, 4)],
        };
    }

    private void Run<E>(string tile, string copies, Tensor a, Tensor b, bool transposed, E epilogue, Tensor y)
        where E : struct, IDeviceEpilogue
    {
        if (copies == "asynchronous" && _device is not AcceleratorDevice { Description.IsAmpereOrNewer: true })
            Assert.Ignore("needs a CUDA device with compute capability 8.0 or newer");
        var arguments = new MatMulArguments<E>(
            a.On(_device), b.On(_device), y.On(_device), epilogue, y.Shape[0], y.Shape[1], a.Shape[transposed ? 0 : 1]);
        if (copies == "asynchronous")
            Run<CudaCopies, E>(tile, transposed, arguments);
        else if (copies == "early")
            Run<EarlyCopies, E>(tile, transposed, arguments);
        else
            Run<LateCopies, E>(tile, transposed, arguments);
    }

    private void Run<C, E>(string tile, bool transposed, MatMulArguments<E> arguments)
        where C : struct, IBlockCopies<C>
        where E : struct, IDeviceEpilogue
    {
        if (tile == "middle")
            DeviceGemm.InForm<AheadGemm.Copied<C, MiddleTile>, E>(_device, transposed, transposed, arguments);
        else if (tile == "tiny")
            DeviceGemm.InForm<AheadGemm.Copied<C, FineTile<Sixteen>>, E>(_device, transposed, transposed, arguments);
        else
            DeviceGemm.InForm<AheadGemm.Copied<C, FineTile<ThirtyTwo>>, E>(_device, transposed, transposed, arguments);
    }
}

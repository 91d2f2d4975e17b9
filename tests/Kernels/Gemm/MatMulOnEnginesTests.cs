using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The device's matrix product on every engine, each tile by name: every element is one chain of multiply-adds over k from 0, and the
/// naive loop gives the same bits. A tile of 128 is asked for by hundreds of groups only, so the tests take it themselves.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class MatMulOnEnginesTests(Engine engine)
{
    /// <summary>One activation for all, because drivers take seconds for a large tile's kernel.</summary>
    private static readonly LeakyRelu Leaky = new(0.2f);

    private static readonly string[] Tiles = ["large", "middle", "small", "fine", "tiny"];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Sampled(5)]
    public void EveryTileIsTheChain([ValueSource(nameof(Tiles))] string tile, [Values] bool transposeA, [Values] bool transposeB)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var a = Numbers.Some(_device, transposeA ? new Shape(k, m) : new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, transposeB ? new Shape(n, k) : new Shape(k, n), seed: 2);
            using var bias = Numbers.Some(_device, new Shape(n), seed: 3);
            using var y = Numbers.Unwritten(_device, m, n);
            float[] chain = MatMulTests.Chain(a.ToArray(), transposeA, b.ToArray(), transposeB, m, k, n), addends = bias.ToArray();
            Run(tile, a, transposeA, b, transposeB, default(DeviceStore), y);
            Numbers.AssertSame(y.ToArray(), chain, $"[{m},{k}] x [{k},{n}]");
            _device.Fill(y, float.NaN);
            Run(tile, a, transposeA, b, transposeB, new DeviceBias<LeakyRelu>(Leaky, bias.On(_device)), y);
            Numbers.AssertSame(
                y.ToArray(), [.. chain.Select((sum, i) => Activated(sum + addends[i % n]))],
                $"[{m},{k}] x [{k},{n}] with bias and activation");
        }
    }

    /// <summary>The zeros that fill a tile up must not meet an infinity and make a NaN in an element that exists.</summary>
    [Test]
    public void InfinitiesAndNaNStayInTheirRow([ValueSource(nameof(Tiles))] string tile)
    {
        float[] a = Numbers.Some(9 * 33, seed: 1), b = Numbers.Some(33 * 7, seed: 2);
        a[(2 * 33) + 5] = float.PositiveInfinity;
        a[(8 * 33) + 32] = float.NaN;
        using var ta = Tensor.From(_device, new Shape(9, 33), a);
        using var tb = Tensor.From(_device, new Shape(33, 7), b);
        using var y = Numbers.Unwritten(_device, 9, 7);
        Run(tile, ta, false, tb, false, default(DeviceStore), y);
        Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a, false, b, false, 9, 33, 7), "with infinity and NaN");
    }

    /// <summary>
    /// Sums that start at the result's values, and sums times an activation's slope: with each tile, whole and at its edges.
    /// </summary>
    [Sampled(5)]
    public void SumsAccumulateAndTakeASlope([ValueSource(nameof(Tiles))] string tile)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
            using var y = Numbers.Some(_device, new Shape(m, n), seed: 4);
            using var activated = Numbers.Some(_device, new Shape(m, n), seed: 5);
            float[] before = y.ToArray(), xs = a.ToArray(), ws = b.ToArray(), outputs = activated.ToArray();
            Run(tile, a, false, b, false, default(DeviceAccumulate), y);
            float[] accumulated = [.. before.Select((sum, i) =>
            {
                for (int d = 0; d < k; d++)
                    sum = MathF.FusedMultiplyAdd(xs[(i / n * k) + d], ws[(d * n) + (i % n)], sum);
                return sum;
            })];
            Numbers.AssertSame(y.ToArray(), accumulated, $"accumulated [{m},{k}] x [{k},{n}]");
            Run(tile, a, false, b, false, new DeviceSlope<LeakyRelu>(Leaky, activated.On(_device)), y);
            float[] chain = MatMulTests.Chain(xs, false, ws, false, m, k, n);
            Numbers.AssertSame(
                y.ToArray(), [.. chain.Select((sum, i) => outputs[i] > 0 ? sum : 0.2f * sum)], $"slope of [{m},{k}] x [{k},{n}]");
        }
    }

    /// <summary>
    /// Through the library's door, where the number of groups picks the tile: 17 by 16 of 128, 17 by 17 of 64 and of 32, and small ones.
    /// </summary>
    [Test]
    public void TheDoorPicksATileThatFits()
    {
        (int, int, int)[] large = [(2050, 5, 1930), (1030, 17, 1033), (513, 40, 530)];
        (int, int, int)[] small = [(7, 129, 5), (3, 0, 4), (0, 3, 4), (3, 4, 0)];
        foreach (var (m, k, n) in ((int, int, int)[])[.. small, .. engine.IsFast ? large : []])
        {
            using var a = Numbers.Some(_device, new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, new Shape(k, n), seed: 2);
            using var y = Numbers.Unwritten(_device, m, n);
            MatMul.Run(a, false, b, false, y);
            Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a.ToArray(), false, b.ToArray(), false, m, k, n), $"[{m},{k}] x [{k},{n}]");
        }
    }

    /// <summary>
    /// One less and one more than the tile, and than the depth of a step; the sizes that are all multiples of four are read four numbers
    /// at a time in every form, the odd ones one by one.
    /// </summary>
    private IEnumerable<(int M, int K, int N)> Sizes(string tile)
    {
        var (side, depth) = tile switch
        {
            "large" => (LargeTile.Side, LargeTile.Depth),
            "middle" => (MiddleTile.Side, MiddleTile.Depth),
            "small" => (SmallTile.Side, SmallTile.Depth),
            "tiny" => (FineTile<Sixteen>.Side, FineTile<Sixteen>.Depth),
            _ => (FineTile<ThirtyTwo>.Side, FineTile<ThirtyTwo>.Depth),
        };
        (int, int, int)[] edges =
        [
            (1, 1, 1), (3, depth - 1, side + 1), (4, 2 * depth, side + 4),
            (side + 1, depth + 1, 3), (side + 4, depth + 4, 4), (3, 0, 5), (4, 0, 4),
        ];
        (int, int, int)[] more =
            [(side - 1, depth, side - 1), (side, depth, side), (side + 1, (2 * depth) + 1, side + 1), (side + 4, 4, (2 * side) - 4)];
        return engine.Speed switch
        {
            Engine.Pace.Fast => [.. edges, .. more],
            _ => edges[3..5], // one of each width
        };
    }

    private static float Activated(float x) => x > 0 ? x : 0.2f * x;

    private void Run<E>(string tile, Tensor a, bool transposeA, Tensor b, bool transposeB, E epilogue, Tensor y)
        where E : struct, IDeviceEpilogue
    {
        var arguments = new MatMulArguments<E>(
            a.On(_device), b.On(_device), y.On(_device), epilogue, y.Shape[0], y.Shape[1], a.Shape[transposeA ? 0 : 1]);
        if (tile == "large")
            DeviceGemm.WithTile<LargeTile, E>(_device, transposeA, transposeB, arguments);
        else if (tile == "middle")
            DeviceGemm.WithTile<MiddleTile, E>(_device, transposeA, transposeB, arguments);
        else if (tile == "small")
            DeviceGemm.WithTile<SmallTile, E>(_device, transposeA, transposeB, arguments);
        else if (tile == "tiny")
            DeviceGemm.WithTile<FineTile<Sixteen>, E>(_device, transposeA, transposeB, arguments);
        else
            DeviceGemm.WithTile<FineTile<ThirtyTwo>, E>(_device, transposeA, transposeB, arguments);
    }
}

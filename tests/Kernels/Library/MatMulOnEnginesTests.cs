using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The device's matrix product on every engine, each tile by name: every element is one chain of multiply-adds over k from 0, and the naive loop gives
/// the same bits. A tile of 128 is asked for by hundreds of groups only, so the tests take it themselves.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class MatMulOnEnginesTests(Engine engine)
{
    private static readonly string[] Tiles = ["large", "middle", "small"];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void EveryTileIsTheChain([ValueSource(nameof(Tiles))] string tile, [Values] bool transposeA, [Values] bool transposeB)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var a = Numbers.Some(_device, transposeA ? new Shape(k, m) : new Shape(m, k), seed: 1);
            using var b = Numbers.Some(_device, transposeB ? new Shape(n, k) : new Shape(k, n), seed: 2);
            using var y = Numbers.Unwritten(_device, m, n);
            Run(tile, a, transposeA, b, transposeB, null, default(Identity), y);
            Numbers.AssertSame(
                y.ToArray(), MatMulTests.Chain(a.ToArray(), transposeA, b.ToArray(), transposeB, m, k, n), $"[{m},{k}] x [{k},{n}]");
        }
    }

    [Test]
    public void EveryTileAddsTheBiasAndBends([ValueSource(nameof(Tiles))] string tile)
    {
        foreach (var (m, k, n) in Sizes(tile))
        {
            using var x = Numbers.Some(_device, new Shape(m, k), seed: 1, size: 0.2f);
            using var w = Numbers.Some(_device, new Shape(k, n), seed: 2, size: 0.2f);
            using var bias = Numbers.Some(_device, new Shape(n), seed: 3);
            using var y = Numbers.Unwritten(_device, m, n);
            Run(tile, x, false, w, false, bias, new LeakyRelu(0.2f), y);
            float[] want = MatMulTests.Chain(x.ToArray(), false, w.ToArray(), false, m, k, n), b = bias.ToArray();
            for (int i = 0; i < want.Length; i++)
                want[i] = want[i] + b[i % n] is var sum && sum > 0 ? sum : 0.2f * sum;
            Numbers.AssertSame(y.ToArray(), want, $"[{m},{k}] x [{k},{n}] with bias and activation");
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
        Run(tile, ta, false, tb, false, null, default(Identity), y);
        Numbers.AssertSame(y.ToArray(), MatMulTests.Chain(a, false, b, false, 9, 33, 7), "with infinity and NaN");
    }

    /// <summary>Through the library's door, where the number of groups picks the tile: 17 by 17 of 128, of 64, and of 32, and small ones.</summary>
    [Test]
    public void TheDoorPicksATileThatFits()
    {
        (int, int, int)[] large = [(2100, 9, 2060), (1030, 17, 1033), (513, 40, 530)], small = [(7, 129, 5), (3, 0, 4), (0, 3, 4), (3, 4, 0)];
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
    /// One less and one more than the tile, and than the depth of a step; the sizes that are all multiples of four are read four numbers at a time in
    /// every form, the odd ones one by one.
    /// </summary>
    private IEnumerable<(int M, int K, int N)> Sizes(string tile)
    {
        int side = tile switch { "large" => LargeTile.Side, "middle" => MiddleTile.Side, _ => SmallTile.Side };
        int depth = 1024 / side;
        (int, int, int)[] edges =
            [(1, 1, 1), (3, depth - 1, side + 1), (4, 2 * depth, side + 4), (side + 1, depth + 1, 3), (side + 4, depth + 4, 4), (3, 0, 5), (4, 0, 4)];
        return engine.Speed switch
        {
            Engine.Pace.Fast => [.. edges, (side - 1, depth, side - 1), (side, depth, side), (side + 1, (2 * depth) + 1, side + 1), (side + 4, 4, (2 * side) - 4)],
            Engine.Pace.Slow => edges,
            _ => edges[3..5], // one of each width
        };
    }

    private void Run<F>(string tile, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor? bias, F activation, Tensor y)
        where F : struct, IActivation
    {
        var arguments = new MatMulArguments<F>(
            a.On(_device), b.On(_device), (bias ?? y).On(_device), y.On(_device), activation,
            y.Shape[0], y.Shape[1], a.Shape[transposeA ? 0 : 1], bias is not null);
        if (tile == "large")
            MatMulKernels.WithTile<LargeTile, F>(_device, transposeA, transposeB, arguments);
        else if (tile == "middle")
            MatMulKernels.WithTile<MiddleTile, F>(_device, transposeA, transposeB, arguments);
        else
            MatMulKernels.WithTile<SmallTile, F>(_device, transposeA, transposeB, arguments);
    }
}

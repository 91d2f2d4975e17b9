using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Every element is one chain of multiply-adds over k from 0: the naive loop below gives the same bits.</summary>
[Category(InstructionSets.EveryWidth)]
public class MatMulTests
{
    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    // Around the tiles of 8 x 48, 4 x 24 and 4 x 12, their vectors, and the squares of 4 by 16 that turn.
    private static readonly int[] Rows = [0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 17, 33];
    private static readonly int[] Columns = [0, 1, 4, 7, 8, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 97];
    private static readonly int[] Depths = [0, 1, 2, 7, 8, 9, 127, 128, 129];

    [Test]
    public void IsTheChainAtEverySizeThatHurts([Values] bool transposeA, [Values] bool transposeB)
    {
        foreach (int m in Rows)
        {
            foreach (int n in Columns)
            {
                foreach (int k in Depths)
                    Check(m, k, n, transposeA, transposeB);
            }
        }
    }

    [TestCase(128, 100, 784)]
    [TestCase(101, 1023, 53)]
    [TestCase(1023, 31, 127)]
    [TestCase(17, 513, 65)] // blocks of k: 512 of them, and 1024
    [TestCase(17, 1025, 65)]
    [TestCase(701, 300, 70)] // strips that are copied, of several blocks of rows and threads
    [TestCase(1301, 1040, 33)]
    [TestCase(65, 2049, 17)]
    [TestCase(700, 512, 70)] // blocks of rows
    [TestCase(70, 1024, 600)] // blocks of columns
    [TestCase(600, 129, 70)]
    [TestCase(1, 1023, 1)]
    [TestCase(1023, 1, 1023)]
    public void IsTheChainOverManyThreads(int m, int k, int n)
    {
        for (int form = 0; form < 4; form++)
            Check(m, k, n, (form & 1) != 0, (form & 2) != 0);
    }

    [Test]
    public void IsTheChainForRandomShapes() => Prop.ForAll<byte, byte, byte>((m, k, n) =>
        Check(m, k, n, ((m ^ k) & 1) != 0, ((n ^ k) & 1) != 0)).QuickCheckThrowOnFailure();

    [Test]
    public void LinearAddsTheBiasAndActivates(
        [Values(0, 1, 7, 8, 13, 130)] int m, [Values(1, 15, 16, 17, 48, 49, 100)] int n, [Values(0, 1, 127, 128, 129, 300)] int k)
    {
        using var x = Numbers.Some(_device, new Shape(m, k), seed: 1, size: 0.2f);
        using var w = Numbers.Some(_device, new Shape(k, n), seed: 2, size: 0.2f);
        using var bias = Numbers.Some(_device, new Shape(n), seed: 3);
        using var plain = Numbers.Unwritten(_device, m, n);
        using var activated = Numbers.Unwritten(_device, m, n);
        MatMul.Linear(x, w, bias, new Identity(), plain);
        MatMul.Linear(x, w, bias, new TanhAgain(), activated);
        float[] want = Chain(x.ToArray(), false, w.ToArray(), false, m, k, n), b = bias.ToArray();
        for (int i = 0; i < want.Length; i++)
            want[i] += b[i % n];
        Numbers.AssertSame(plain.ToArray(), want, "with bias");
        Numbers.AssertSame(
            activated.ToArray(), Array.ConvertAll(want, v => Transcendental.Tanh(new Scalar(v)).Value), "with bias and activation");
    }

    /// <summary>Each chain starts at the result's present value.</summary>
    [TestCase(13, 129, 50, false, false)]
    [TestCase(130, 700, 17, false, true)]
    [TestCase(48, 1100, 33, false, true)]
    [TestCase(33, 600, 49, true, false)]
    [TestCase(9, 40, 1, false, false)]
    [TestCase(9, 40, 1, true, true)]
    public void AccumulateStartsAtTheResult(int m, int k, int n, bool transposeA, bool transposeB)
    {
        using var a = Numbers.Some(_device, transposeA ? new Shape(k, m) : new Shape(m, k), seed: 1);
        using var b = Numbers.Some(_device, transposeB ? new Shape(n, k) : new Shape(k, n), seed: 2);
        using var y = Numbers.Some(_device, new Shape(m, n), seed: 3);
        float[] before = y.ToArray(), xs = a.ToArray(), ws = b.ToArray();
        MatMul.Accumulate(a, transposeA, b, transposeB, y);
        Numbers.AssertSame(y.ToArray(), Chain(xs, transposeA, ws, transposeB, m, k, n, before), "on what was there");
    }

    /// <summary>dz = f'(y)·(dy·wᵀ) has the bits of the product and then the slope.</summary>
    [Test]
    public void BackwardIsTheProductTimesTheSlope(
        [Values(1, 7, 16, 100, 128, 200)] int m, [Values(1, 13, 96, 520, 1030)] int k, [Values(1, 5, 16, 49, 130)] int n,
        [Values] bool transposeW)
    {
        using var dy = Numbers.Some(_device, new Shape(m, k), seed: 1, size: 0.3f);
        using var w = Numbers.Some(_device, transposeW ? new Shape(n, k) : new Shape(k, n), seed: 2, size: 0.3f);
        using var y = Numbers.Some(_device, new Shape(m, n), seed: 3, size: 0.9f);
        using Tensor product = Numbers.Unwritten(_device, m, n), want = Numbers.Unwritten(_device, m, n);
        using var got = Numbers.Unwritten(_device, m, n);
        MatMul.Run(dy, false, w, transposeW, product);
        Elementwise.MapBackward(default(TanhAgain), y, y, product, want);
        MatMul.Backward(dy, w, transposeW, default(TanhAgain), y, got);
        Numbers.AssertSame(got.ToArray(), want.ToArray(), $"{m}x{k}x{n}");
    }

    /// <summary>However units fall to threads, and however many of them have none.</summary>
    [Test]
    public void ThreadsChangeNoBit([Values(1, 2, 5, 64)] int threads)
    {
        using var device = new CpuDevice(threads);
        (int, int, int)[] sizes =
            [(300, 70, 130), (128, 200, 784), (100, 784, 130), (16, 1100, 512), (3, 5, 7), (1, 300, 1), (1901, 300, 2)];
        foreach (var (m, k, n) in sizes)
        {
            for (int form = 0; form < 4; form++)
                Check(device, m, k, n, (form & 1) != 0, (form & 2) != 0);
        }
    }

    /// <summary>
    /// Nothing is faster than registers alone; and a tile that doesn't stay in them, as the JIT once had it for vectors of 256 bits,
    /// reaches a third.
    /// </summary>
    [Test]
    public void AProductIsNearThePeakAndNotAboveIt([Values] bool transposeA, [Values] bool transposeB)
    {
        using var one = new CpuDevice(1);
        using Tensor a = Numbers.Some(one, new Shape(256, 256), seed: 1), b = Numbers.Some(one, new Shape(256, 256), seed: 2);
        using var y = Numbers.Unwritten(one, 256, 256);
        double best = 0, peak = 0;
        // on a busy machine it takes longer until both had a quiet moment
        for (int i = 0; i < 60 || (i < 3000 && !(best < 1.15 * peak && best > 0.5 * peak)); i++)
        {
            long from = Stopwatch.GetTimestamp();
            MatMul.Run(a, transposeA, b, transposeB, y);
            best = Math.Max(best, 2.0 * 256 * 256 * 256 / Stopwatch.GetElapsedTime(from).TotalSeconds / 1e9);
            peak = Math.Max(peak, MultiplyAddPeak.Gflops(one, 3));
        }
        Assert.That(best, Is.LessThan(1.15 * peak));
        if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
            Assert.That(best, Is.GreaterThan(0.5 * peak));
        Assert.That(() => MultiplyAddPeak.Gflops(one, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TwoThreadsAreSomewhatApart()
    {
        using var two = new CpuDevice(2);
        Assert.That(ThreadDistance.Nanoseconds(two, 5), Is.GreaterThan(1)); // light goes a foot in that time
        using var one = new CpuDevice(1);
        Assert.That(ThreadDistance.Nanoseconds(one, 5), Is.Null, "one thread is nowhere apart");
        Assert.That(() => ThreadDistance.Nanoseconds(two, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>The zeros that fill a panel up must not meet an infinity of A and make a NaN in a column that exists.</summary>
    [Test]
    public void InfinitiesAndNaNStayInTheirRow()
    {
        float[] a = Numbers.Some(9 * 130, seed: 1), b = Numbers.Some(130 * 19, seed: 2);
        a[(2 * 130) + 5] = float.PositiveInfinity;
        a[(8 * 130) + 129] = float.NaN;
        using var ta = Tensor.From(_device, new Shape(9, 130), a);
        using var tb = Tensor.From(_device, new Shape(130, 19), b);
        using var y = Numbers.Unwritten(_device, 9, 19);
        MatMul.Run(ta, false, tb, false, y);
        Numbers.AssertSame(y.ToArray(), Chain(a, false, b, false, 9, 130, 19), "with infinity and NaN");
        var finite = y.ToArray().Chunk(19).Select(row => row.All(float.IsFinite));
        Assert.That(finite, Is.EqualTo(Enumerable.Range(0, 9).Select(r => r is not 2 and not 8)));
    }

    [Test]
    public void TheChainIsNearTheTruth()
    {
        float[] a = Numbers.Some(13 * 1023, seed: 1), b = Numbers.Some(1023 * 17, seed: 2);
        float[] got = Chain(a, false, b, false, 13, 1023, 17);
        var want = new double[got.Length];
        for (int i = 0; i < want.Length; i++)
        {
            for (int k = 0; k < 1023; k++)
                want[i] += (double)a[(i / 17 * 1023) + k] * b[(k * 17) + (i % 17)];
        }
        Numbers.AssertClose(got, want, 1e-4, "the naive chain");
    }

    [Test]
    public void ShapesThatDoNotFitAreRefused()
    {
        using var a = new Tensor(_device, new Shape(64, 100));
        using var b = new Tensor(_device, new Shape(128, 784));
        using var w = new Tensor(_device, new Shape(100, 784));
        using var y = new Tensor(_device, new Shape(64, 784));
        using var wrong = new Tensor(_device, new Shape(784, 64));
        using var cube = new Tensor(_device, new Shape(4, 10, 10));
        using var bias = new Tensor(_device, new Shape(783));
        using var fits = new Tensor(_device, new Shape(784));
        Numbers.AssertRefused(
            () => MatMul.Run(a, false, b, false, y), "MatMul", "[64,100] x [128,784]: 100 columns meet 128 rows; transpose one side?");
        Numbers.AssertRefused(() => MatMul.Run(a, true, b, true, y), "MatMul", "[64,100]ᵀ x [128,784]ᵀ: 64 columns meet 784 rows");
        Numbers.AssertRefused(() => MatMul.Run(a, false, w, false, wrong), "MatMul", "[64,100] x [100,784] is [64,784], not [784,64]");
        Numbers.AssertRefused(() => MatMul.Run(cube, false, w, false, y), "MatMul", "[4,10,10] x [100,784]", "matrices");
        Numbers.AssertRefused(() => MatMul.Linear(a, w, bias, new Identity(), y), "Linear", "[100,784] with [783]", "784 elements");
        Numbers.AssertRefused(() => MatMul.Linear(a, b, fits, new Identity(), y), "MatMul", "100 columns meet 128 rows");
        Assert.That(MatMul.ResultShape(new Shape(3, 5), true, new Shape(7, 3), true), Is.EqualTo(new Shape(5, 7)));
    }

    private void Check(int m, int k, int n, bool transposeA, bool transposeB) => Check(_device, m, k, n, transposeA, transposeB);

    private static void Check(CpuDevice device, int m, int k, int n, bool transposeA, bool transposeB)
    {
        using var a = Numbers.Some(device, transposeA ? new Shape(k, m) : new Shape(m, k), seed: 1);
        using var b = Numbers.Some(device, transposeB ? new Shape(n, k) : new Shape(k, n), seed: 2);
        using var y = Numbers.Unwritten(device, m, n);
        MatMul.Run(a, transposeA, b, transposeB, y);
        Numbers.AssertSame(
            y.ToArray(),
            Chain(a.ToArray(), transposeA, b.ToArray(), transposeB, m, k, n),
            $"[{m},{k}]{(transposeA ? " from its transpose" : "")} x [{k},{n}]{(transposeB ? " from its transpose" : "")}");
    }

    internal static float[] Chain(float[] a, bool transposeA, float[] b, bool transposeB, int m, int k, int n, float[]? from = null)
    {
        float[] y = [.. from ?? new float[m * n]];
        for (int r = 0; r < m; r++)
        {
            for (int d = 0; d < k; d++)
            {
                float x = a[transposeA ? (d * m) + r : (r * k) + d];
                for (int c = 0; c < n; c++)
                    y[(r * n) + c] = InstructionSets.MultiplyAdd(x, b[transposeB ? (c * k) + d : (d * n) + c], y[(r * n) + c]);
            }
        }
        return y;
    }
}

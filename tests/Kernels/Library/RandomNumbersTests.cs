using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
[Quick]
public class RandomNumbersTests
{
    private const int Many = (1 << 20) + 7;
    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    private static readonly int[] Lengths = [0, 1, 15, 16, 17, 63, 64, 65, 127, 1023, 4099];

    [Test]
    public void UniformIsAWordsUpper24Bits([ValueSource(nameof(Lengths))] int length)
    {
        float[] got = Draw(length, (random, y) => RandomNumbers.Uniform(random, -1.5f, 2f, y));
        Numbers.AssertSame(got, Array.ConvertAll(Units(length), u => InstructionSets.MultiplyAdd((float)u, 3.5f, -1.5f)), "Uniform");
    }

    [Test]
    public void NormalIsBoxAndMuller([ValueSource(nameof(Lengths))] int length)
    {
        float[] got = Draw(length, (random, y) => RandomNumbers.Normal(random, 0.5f, 2f, y));
        double[] units = Units((length + 63) / 64 * 64), want = new double[length];
        for (int i = 0; i < length; i++)
        {
            int word = i / 16 % 4, first = word % 2 == 0 ? i : i - 16; // words 0 and 1 are a pair, and words 2 and 3
            double radius = Math.Sqrt(-2 * Math.Log(1 - units[first])), turn = 2 * units[first + 16];
            want[i] = 0.5 + (2 * radius * (word % 2 == 0 ? double.CosPi(turn) : double.SinPi(turn)));
        }
        Numbers.AssertClose(got, want, 1e-6, "Normal");
    }

    [Test]
    public void TruncatedNormalIsTheQuantile([ValueSource(nameof(Lengths))] int length)
    {
        float[] got = Draw(length, (random, y) => RandomNumbers.TruncatedNormal(random, 0, 1, y));
        double[] units = Units(length);
        for (int i = 0; i < length; i++)
        {
            double x = ((2 * units[i]) + Math.ScaleB(1, -24) - 1) * 0.954499736103642;
            Assert.That(Erf(got[i] / Math.Sqrt(2)), Is.EqualTo(x).Within(5e-7), $"element {i}");
        }
    }

    [Test]
    public void MaskIsKeptWhereTheUniformNumberIsBelow([ValueSource(nameof(Lengths))] int length)
    {
        float[] got = Draw(length, (random, y) => RandomNumbers.Mask(random, 0.7f, y));
        Numbers.AssertSame(got, Array.ConvertAll(Units(length), u => u < 0.7f ? 1 / 0.7f : 0), "Mask");
    }

    [Test]
    public void MaskOfAllAndOfNone()
    {
        Assert.That(Draw(1000, (random, y) => RandomNumbers.Mask(random, 1, y)), Is.All.EqualTo(1f));
        Assert.That(Draw(1000, (random, y) => RandomNumbers.Mask(random, 0, y)), Is.All.EqualTo(0f));
    }

    [Test]
    public void UniformMoments()
    {
        float[] x = Draw(Many, (random, y) => RandomNumbers.Uniform(random, -3, 5, y));
        Assert.That(x.Min(), Is.AtLeast(-3f));
        Assert.That(x.Max(), Is.LessThan(5f));
        CheckMoments(x, mean: 1, variance: 64.0 / 12, fourth: Math.Pow(8, 4) / 80);
        for (double at = -2.5; at < 5; at += 0.5)
            CheckShare(x, v => v < at, (at + 3) / 8);
    }

    [Test]
    public void NormalMomentsAndTails()
    {
        float[] x = Draw(Many, (random, y) => RandomNumbers.Normal(random, 2, 0.5f, y));
        CheckMoments(x, mean: 2, variance: 0.25, fourth: 3 * Math.Pow(0.5, 4));
        (double Deviations, double Share)[] tails =
            [(0.5, 0.308537538726), (1, 0.158655253931), (2, 0.022750131948), (3, 0.001349898032), (4, 3.167124183e-5)];
        foreach (var (deviations, share) in tails)
        {
            CheckShare(x, v => v > 2 + (0.5 * deviations), share);
            CheckShare(x, v => v < 2 - (0.5 * deviations), share);
        }
    }

    [Test]
    public void TruncatedNormalMomentsAndEnds()
    {
        float[] x = Draw(Many, (random, y) => RandomNumbers.TruncatedNormal(random, 0, 0.02f, y));
        Assert.That(x.Max(MathF.Abs), Is.InRange(0.0399f, 0.04f));
        // With a = 2, phi(2) = 0.0539909665, P = 0.9544997361: 1 - 2 a phi / P, and 3 - 2 phi (a³ + 3 a) / P.
        CheckMoments(x, mean: 0, variance: 0.0004 * 0.7737413, fourth: 0.0004 * 0.0004 * 1.416189);
        CheckShare(x, v => Math.Abs(v) < 0.02, 0.682689492137 / 0.954499736104);
        CheckShare(x, v => v > 0.03, (0.066807201269 - 0.022750131948) / 0.954499736104);
    }

    [Test]
    public void MaskKeepsItsMean()
    {
        float[] x = Draw(Many, (random, y) => RandomNumbers.Mask(random, 0.3f, y));
        CheckShare(x, v => v > 0, 0.3);
        Assert.That(x.Average(v => (double)v), Is.EqualTo(1).Within(0.008));
    }

    /// <summary>The least and the greatest of the 2²⁴ uniform numbers, where rounding could reach what lies outside.</summary>
    [Test]
    public unsafe void TheEndsOfTheRangeHold()
    {
        uint* words = stackalloc uint[64];
        foreach (uint wanted in (uint[])[0, 0xffffff])
        {
            ulong position = 0;
            do
            {
                position += 16;
                Philox.SixteenBlocks(11, 3, position, words);
            }
            while (!new ReadOnlySpan<uint>(words, 64).ToArray().Any(word => word >> 8 == wanted));
            foreach (var (low, high) in ((float, float)[])[(1, 2), (1000, 1001), (-1, 1), (0, 1), (-2, -1)])
            {
                float[] u = Draw(64, (_, y) => RandomNumbers.Uniform(new RandomStream(11, 3, position), low, high, y));
                if (wanted == 0)
                    Assert.That(u.Min(), Is.EqualTo(low));
                else
                    Assert.That(u.Max(), Is.LessThan(high).And.AtLeast(high - (1e-6f * Math.Abs(high))));
            }
            float[] z = Draw(64, (_, y) => RandomNumbers.TruncatedNormal(new RandomStream(11, 3, position), 0, 1, y));
            Assert.That(z.Max(MathF.Abs), Is.InRange(1.999999f, 2f));
            float[] n = Draw(64, (_, y) => RandomNumbers.Normal(new RandomStream(11, 3, position), 0, 1, y));
            Assert.That(n, Is.All.InRange(-5.8f, 5.8f));
        }
    }

    [Test]
    public void NeighboursStreamsAndSeedsAreUnrelated()
    {
        float[] x = Draw(Many, (random, y) => RandomNumbers.Normal(random, 0, 1, y));
        foreach (int distance in (int[])[1, 2, 16, 32, 48, 64, 1024])
            CheckUnrelated(x.AsSpan(0, Many - distance), x.AsSpan(distance), $"{distance} apart");
        CheckUnrelated(x, Draw(Many, (_, y) => RandomNumbers.Normal(new RandomStream(42, 8, 1000), 0, 1, y)), "the next stream");
        CheckUnrelated(x, Draw(Many, (_, y) => RandomNumbers.Normal(new RandomStream(43, 7, 1000), 0, 1, y)), "the next seed");
    }

    [Test]
    public void TheNumberOfThreadsChangesNothing()
    {
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 3, 5])
        {
            using var device = new CpuDevice(threads);
            using var y = Numbers.Unwritten(device, 100_003);
            RandomNumbers.Normal(new RandomStream(1, 2), 0, 1, y);
            first ??= y.ToArray();
            Numbers.AssertSame(y.ToArray(), first, $"{threads} threads");
        }
    }

    [Test]
    public void DrawsFollowEachOther()
    {
        var random = new RandomStream(1, 2);
        using var one = Numbers.Unwritten(_device, 64);
        using var two = Numbers.Unwritten(_device, 65);
        using var both = Numbers.Unwritten(_device, 129);
        RandomNumbers.Normal(random, 0, 1, one);
        Assert.That(random.Position, Is.EqualTo(16UL));
        RandomNumbers.Normal(random, 0, 1, two);
        Assert.That(random.Position, Is.EqualTo(48UL)); // whole groups: the next draw begins afresh
        RandomNumbers.Normal(new RandomStream(1, 2), 0, 1, both);
        Numbers.AssertSame(both.ToArray(), [.. one.ToArray(), .. two.ToArray()], "one after the other");
        Assert.That((random.Seed, random.Stream), Is.EqualTo((1UL, 2U)));
    }

    [Test]
    public void RefusesRangesAndProbabilitiesThatAreNone()
    {
        using var y = Tensor.Filled(_device, new Shape(4), 1);
        var random = new RandomStream(1, 2);
        Numbers.AssertRefused(() => RandomNumbers.Uniform(random, 1, 1, y), "Uniform", "[1, 1)");
        Numbers.AssertRefused(() => RandomNumbers.Uniform(random, float.NaN, 1, y), "Uniform");
        Numbers.AssertRefused(() => RandomNumbers.Uniform(random, -3e38f, 3e38f, y), "Uniform");
        Numbers.AssertRefused(() => RandomNumbers.Mask(random, 1.5f, y), "Mask", "keep is 1.5");
        Numbers.AssertRefused(() => RandomNumbers.Mask(random, float.NaN, y), "Mask");
        Assert.That(random.Position, Is.Zero, "a refusal draws nothing");
        Assert.That(y.ToArray(), Is.All.EqualTo(1f));
    }

    private float[] Draw(int length, Action<RandomStream, Tensor> draw)
    {
        using var y = Numbers.Unwritten(_device, length);
        draw(new RandomStream(42, 7, 1000), y);
        return y.ToArray();
    }

    /// <summary>The uniform numbers behind a draw: element 16·w + i of a group of 64 is word w of the group's counter i.</summary>
    private static double[] Units(int length)
    {
        var units = new double[length];
        for (int i = 0; i < length; i++)
        {
            var (w0, w1, w2, w3) = Philox.Block(42, 7, (ulong)(1000 + (i / 64 * 16) + (i % 16)));
            uint[] block = [w0, w1, w2, w3];
            units[i] = (block[i % 64 / 16] >> 8) / 16777216.0;
        }
        return units;
    }

    /// <summary>Within five deviations of what so many draws leave to chance.</summary>
    private static void CheckMoments(float[] x, double mean, double variance, double fourth)
    {
        double m = 0, v = 0, third = 0;
        foreach (float xi in x)
            m += xi / (double)x.Length;
        foreach (float xi in x)
        {
            v += Math.Pow(xi - m, 2) / x.Length;
            third += Math.Pow(xi - m, 3) / x.Length;
        }
        double deviation = Math.Sqrt(variance), n = Math.Sqrt(x.Length);
        Assert.That(m, Is.EqualTo(mean).Within(5 * deviation / n), "mean");
        Assert.That(v, Is.EqualTo(variance).Within(5 * Math.Sqrt(fourth - (variance * variance)) / n), "variance");
        Assert.That(third, Is.Zero.Within(5 * 4 * Math.Pow(deviation, 3) / n), "third moment");
    }

    private static void CheckShare(float[] x, Func<float, bool> counted, double share)
    {
        double got = x.Count(counted) / (double)x.Length;
        Assert.That(got, Is.EqualTo(share).Within(5 * Math.Sqrt(share * (1 - share) / x.Length)), "share");
    }

    private static void CheckUnrelated(ReadOnlySpan<float> x, ReadOnlySpan<float> y, string what)
    {
        double product = 0;
        for (int i = 0; i < x.Length; i++)
            product += (double)x[i] * y[i];
        Assert.That(product / x.Length, Is.EqualTo(0).Within(5 / Math.Sqrt(x.Length)), what);
    }

    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 60; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}

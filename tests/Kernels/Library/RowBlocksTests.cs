using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Sums over the pixels of four-dimensional activations: their order, and how near they are to doubles.</summary>
[Category(InstructionSets.EveryWidth)]
[Quick]
public class RowBlocksTests
{
    private const int Channels = 19;
    private static readonly int[] Many = [32, 28, 28, Channels]; // 25,088 pixels

    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    /// <summary>The sum itself: chains over 64 pixels, added with what rounding takes.</summary>
    [Test]
    public void SumRowsHasOneOrder([ValueSource(typeof(BatchNormTests), nameof(BatchNormTests.Pictures))] int[] extents)
    {
        using var x = Numbers.Some(_device, new Shape(extents), seed: 1);
        int columns = extents[^1];
        using var y = Numbers.Unwritten(_device, columns);
        Reduce.SumRows(x, y);
        float[] want = [.. Enumerable.Range(0, columns).Select(c => InBlocks(Column(x, c)))];
        Numbers.AssertSame(y.ToArray(), want, "SumRows");
    }

    /// <summary>A chain over all of them is off by 4e-5 where they are equal; golden training steps see less.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void ManyPixelsDoNotDrift(bool ofNoise)
    {
        using var t = new BatchNormTests.Tensors(_device, Many);
        float[] x = ofNoise ? Array.ConvertAll(Numbers.Some(t.X.Count, seed: 1), v => MathF.Max(v, 0)) : Equal(t.X.Count);
        t.X.CopyFrom(x);
        t.DY.CopyFrom(ofNoise ? [.. x.Reverse()] : x);
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, 1e-3f, t.Y, t.Mean, t.Variance, t.Rstd);
        BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, t.DX, t.DGamma, t.DBeta);
        using var sums = Numbers.Unwritten(_device, Channels);
        Reduce.SumRows(t.X, sums);
        float[] mean = t.Mean.ToArray(), variance = t.Variance.ToArray(), dBeta = t.DBeta.ToArray(), dGamma = t.DGamma.ToArray();
        for (int c = 0; c < Channels; c++)
        {
            double[] xs = Column(t.X, c), dys = Column(t.DY, c);
            double average = xs.Average(), biased = xs.Average(v => (v - average) * (v - average)), rstd = 1 / Math.Sqrt(biased + 1e-3);
            Assert.That(sums.ToArray()[c], Is.EqualTo(xs.Sum()).Within(1e-6 * xs.Sum()), "SumRows");
            Assert.That(mean[c], Is.EqualTo(average).Within(1e-6 * average), "mean");
            Assert.That(variance[c], Is.EqualTo(biased).Within(1e-6 * (ofNoise ? biased : average * average)), "variance");
            Assert.That(dBeta[c], Is.EqualTo(dys.Sum()).Within(1e-6 * dys.Sum()), "dBeta");
            double[] terms = [.. xs.Zip(dys, (v, dy) => dy * (v - average) * rstd)];
            Assert.That(dGamma[c], Is.EqualTo(terms.Sum()).Within(1e-6 * dys.Sum()), "dGamma");
        }
    }

    /// <summary>What the test above would find of one chain over all pixels.</summary>
    [Test]
    public void OneChainDrifts()
    {
        using var x = Tensor.From(_device, new Shape(25_088, 1), Equal(25_088));
        using var y = Numbers.Unwritten(_device, 1);
        Reduce.SumRows(x, y);
        Assert.That(y.Item(), Is.Not.EqualTo(25_088 * (double)0.1f).Within(1e-5 * 2_508.8));
    }

    [Test]
    public void ForAnyNumberOfThreads([Values(2, 3, 7)] int threads)
    {
        using CpuDevice one = new(1), more = new(threads);
        using BatchNormTests.Tensors want = new(one, Many), got = new(more, Many);
        BatchNormTests.CheckBackward(want);
        BatchNormTests.CheckBackward(got);
        got.AssertSame(want, $"{threads} threads");
    }

    private static float[] Equal(int count) => [.. Enumerable.Repeat(0.1f, count)];

    private static double[] Column(Tensor x, int c) =>
        [.. x.ToArray().Where((_, i) => i % x.Shape.Columns == c).Select(v => (double)v)];

    private static float InBlocks(double[] column)
    {
        float sum = 0, lost = 0;
        foreach (double[] block in column.Chunk(64))
        {
            float chain = block.Aggregate(0f, (all, v) => all + (float)v), next = sum + chain, added = next - sum;
            lost += (sum - (next - added)) + (chain - added);
            sum = next;
        }
        return sum + lost;
    }
}

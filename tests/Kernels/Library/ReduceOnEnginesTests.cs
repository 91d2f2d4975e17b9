using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Sums on every engine against a loop in double, and to the bit against the processor's. A number passes through at most as many additions
/// as there are numbers, and in a block of 4,096 through at most 300 (256 of a lane and its fold), each of which rounds by up to 2⁻²⁴ of
/// what has been added up. So a number that was left out or added twice shows.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class ReduceOnEnginesTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void SumAddsEverything()
    {
        foreach (int length in Lengths)
        {
            using var x = Numbers.Some(_device, new Shape(length), seed: 1);
            using var y = Numbers.Unwritten(_device, 1);
            float[] terms = Array.ConvertAll(x.ToArray(), v => new Everything().Forward(new Scalar(v)).Value);
            Reduce.Sum(new Everything(), x, -0.5f, y);
            float first = y.Item();
            float onCpu = OnCpu(x, new Shape(1), (there, sum) => Reduce.Sum(new Everything(), there, -0.5f, sum))[0];
            Assert.That(first, Is.EqualTo(onCpu), $"{length} numbers on the cpu");
            AssertSum(first, -0.5, terms, $"{length} numbers");
            Reduce.Sum(new Everything(), x, -0.5f, y);
            Assert.That(y.Item(), Is.EqualTo(first), "the same sum again");
        }
    }

    /// <summary>The sums of 4,097 blocks on a device that has time for sixteen million numbers.</summary>
    [Test]
    public void SumsOfSumsDoNotDrift()
    {
        int count = engine.IsFast ? (4096 * 4096) + 1 : 5000;
        using var x = Tensor.Filled(_device, new Shape(count), 0.1f);
        using var y = Numbers.Unwritten(_device, 1);
        Reduce.Sum(new Identity(), x, 1, y);
        Assert.That(y.Item(), Is.EqualTo(count * (double)0.1f).Within(300 * Math.Pow(2, -24) * count * 0.1));
        Assert.That(
            y.Item(), Is.EqualTo(OnCpu(x, new Shape(1), (there, sum) => Reduce.Sum(new Identity(), there, 1, sum))[0]), "on the cpu");
    }

    [Test]
    public void SumRowsAddsDown()
    {
        foreach (int[] extents in Tall)
        {
            var shape = new Shape(extents);
            int columns = shape.Columns;
            using var x = Numbers.Some(_device, shape, seed: 1);
            using var y = Numbers.Unwritten(_device, columns);
            Reduce.SumRows(x, y);
            float[] xs = x.ToArray(), sums = y.ToArray();
            Numbers.AssertSame(sums, OnCpu(x, y.Shape, Reduce.SumRows), $"{shape} on the cpu");
            for (int c = 0; c < columns; c++)
                AssertSum(sums[c], 1, xs.Where((_, i) => i % columns == c), $"{shape}: column {c}");
        }
    }

    [Test]
    public void SumColumnsAddsAcross()
    {
        foreach (var (rows, columns) in Long)
        {
            using var x = Numbers.Some(_device, new Shape(rows, columns), seed: 1);
            using var y = Numbers.Unwritten(_device, rows);
            Reduce.SumColumns(x, y);
            float[] xs = x.ToArray(), sums = y.ToArray();
            Numbers.AssertSame(sums, OnCpu(x, y.Shape, Reduce.SumColumns), $"[{rows},{columns}] on the cpu");
            for (int n = 0; n < rows; n++)
                AssertSum(sums[n], 1, xs.Skip(n * columns).Take(columns), $"[{rows},{columns}]: row {n}");
        }
    }

    [Test]
    public void RepeatsFillEveryElement()
    {
        foreach (var (rows, columns) in Long)
        {
            using var one = Numbers.Some(_device, new Shape(1), seed: 3);
            using var row = Numbers.Some(_device, new Shape(columns), seed: 1);
            using var column = Numbers.Some(_device, new Shape(rows), seed: 2);
            using var y = Numbers.Unwritten(_device, rows, columns);
            float[] r = row.ToArray(), c = column.ToArray();
            float[] wantRows = new float[y.Count], wantColumns = new float[y.Count], wantOne = new float[y.Count];
            Array.Fill(wantOne, -0.7f * one.Item());
            for (int i = 0; i < y.Count; i++)
                (wantRows[i], wantColumns[i]) = (r[i % columns], 0.3f * c[i / columns]);
            Reduce.Repeat(one, -0.7f, y);
            Numbers.AssertSame(y.ToArray(), wantOne, "Repeat");
            Reduce.RepeatRows(row, y);
            Numbers.AssertSame(y.ToArray(), wantRows, "RepeatRows");
            Reduce.RepeatColumns(column, 0.3f, y);
            Numbers.AssertSame(y.ToArray(), wantColumns, "RepeatColumns");
        }
    }

    /// <summary>Around the sixteen lanes, a group of 256 threads and a block of 4,096 numbers.</summary>
    private int[] Lengths => engine.Speed == Engine.Pace.Slow ? [0, 15, 257, 4097] : [0, 1, 2, 255, 256, 257, 4095, 4096, 4097, 12289];

    /// <summary>
    /// Around the sixteen slices of rows by sixteen columns that a group has, and the 128 rows that it fetches at once; pictures around a
    /// block of 64 pixels, and with more blocks than a group fetches.
    /// </summary>
    private int[][] Tall => engine.Speed == Engine.Pace.Slow
        ? [[0, 5], [5, 0], [17, 17], [129, 3], [0, 2, 2, 5], [2, 33, 1, 17]]
        :
        [
            [0, 5], [5, 0], [1, 1], [15, 7], [16, 16], [17, 17], [127, 33], [128, 5], [129, 70], [300, 3],
            [0, 2, 2, 5], [1, 2, 2, 0], [9, 31, 31, 3], .. BatchNormTests.Pictures,
        ];

    /// <summary>Around the sixteen lanes of a row, and the 4,096 numbers of it that a group fetches at once.</summary>
    private (int Rows, int Columns)[] Long => engine.Speed == Engine.Pace.Slow
        ? [(0, 5), (5, 0), (2, 37)]
        : [(0, 5), (5, 0), (1, 1), (3, 15), (2, 16), (2, 257), (2, 1021), (2, 4096), (3, 8207)];

    private static float[] OnCpu(Tensor x, Shape result, Action<Tensor, Tensor> sum)
    {
        using var there = Tensor.From(Engine.Cpu.Device, x.Shape, x.ToArray());
        using var y = Numbers.Unwritten(Engine.Cpu.Device, [.. Enumerable.Range(0, result.Rank).Select(i => result[i])]);
        sum(there, y);
        return y.ToArray();
    }

    private static void AssertSum(float got, double scale, IEnumerable<float> terms, string what)
    {
        double sum = 0, size = 0;
        int count = 1; // the multiplication by the scale
        foreach (float term in terms)
            (sum, size, count) = (sum + term, size + Math.Abs(term), count + 1);
        Assert.That(got, Is.EqualTo(scale * sum).Within(Math.Min(count, 300) * Math.Pow(2, -24) * Math.Abs(scale) * size), what);
    }
}

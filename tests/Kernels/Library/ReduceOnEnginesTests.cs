using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Sums on every engine against a loop in double. A number passes through at most as many additions as there are numbers, and in a block
/// of 4,096 through at most 300 (256 of a lane on the processor and its fold; 16 of a thread and 8 of the tree on a device), each of
/// which rounds by up to 2⁻²⁴ of what has been added up. So a number that was left out or added twice shows.
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
            AssertSum(first, -0.5, terms, $"{length} numbers");
            Reduce.Sum(new Everything(), x, -0.5f, y);
            Assert.That(y.Item(), Is.EqualTo(first), "the same sum again");
        }
    }

    /// <summary>More blocks than one sum of blocks takes: three levels on a device that has time for sixteen million numbers.</summary>
    [Test]
    public void SumsOfSumsDoNotDrift()
    {
        int count = engine.IsFast ? (4096 * 4096) + 1 : 5000;
        using var x = Tensor.Filled(_device, new Shape(count), 0.1f);
        using var y = Numbers.Unwritten(_device, 1);
        Reduce.Sum(new Identity(), x, 1, y);
        Assert.That(y.Item(), Is.EqualTo(count * (double)0.1f).Within(3 * 300 * Math.Pow(2, -24) * count * 0.1));
    }

    [Test]
    public void SumRowsAddsDown()
    {
        foreach (var (rows, columns) in Tall)
        {
            using var x = Numbers.Some(_device, new Shape(rows, columns), seed: 1);
            using var y = Numbers.Unwritten(_device, columns);
            Reduce.SumRows(x, y);
            float[] xs = x.ToArray(), sums = y.ToArray();
            for (int c = 0; c < columns; c++)
                AssertSum(sums[c], 1, xs.Where((_, i) => i % columns == c), $"[{rows},{columns}]: column {c}");
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

    /// <summary>Around a group of 256 threads and a block of 4,096 numbers.</summary>
    private int[] Lengths => engine.Speed == Engine.Pace.Slow ? [0, 255, 257, 4097] : [0, 1, 2, 255, 256, 257, 4095, 4096, 4097, 12289];

    /// <summary>Around the 32 slices of rows by eight columns that a group has.</summary>
    private (int Rows, int Columns)[] Tall => engine.Speed == Engine.Pace.Slow
        ? [(0, 5), (5, 0), (33, 9)]
        : [(0, 5), (5, 0), (1, 1), (31, 7), (32, 8), (33, 9), (65, 17)];

    /// <summary>Around the 256 numbers of a row that a group reads at once.</summary>
    private (int Rows, int Columns)[] Long => engine.Speed == Engine.Pace.Slow
        ? [(0, 5), (5, 0), (2, 257)]
        : [(0, 5), (5, 0), (1, 1), (3, 255), (2, 256), (2, 257), (2, 1021)];

    private static void AssertSum(float got, double scale, IEnumerable<float> terms, string what)
    {
        double sum = 0, size = 0;
        int count = 1; // the multiplication by the scale
        foreach (float term in terms)
            (sum, size, count) = (sum + term, size + Math.Abs(term), count + 1);
        Assert.That(got, Is.EqualTo(scale * sum).Within(Math.Min(count, 300) * Math.Pow(2, -24) * Math.Abs(scale) * size), what);
    }
}

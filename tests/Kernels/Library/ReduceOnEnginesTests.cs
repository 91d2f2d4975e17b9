using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Sums on every engine against a loop in double. A number passes through at most as many additions as there are numbers, and in a block of 4,096 through
/// at most 300 (256 of a lane on the processor and its fold; 16 of a thread and 8 of the tree on a device), each of which rounds by up to 2⁻²⁴ of what
/// has been added up. So a number that was left out or added twice shows.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class ReduceOnEnginesTests(Engine engine)
{
    /// <summary>Around a group of 256 threads and a block of 4,096 numbers.</summary>
    private static readonly int[] Lengths = [0, 1, 2, 255, 256, 257, 4095, 4096, 4097, 12289];

    /// <summary>Around the 32 slices of rows by eight columns that a group has.</summary>
    private static readonly (int Rows, int Columns)[] Tall = [(0, 5), (5, 0), (1, 1), (31, 7), (32, 8), (33, 9), (65, 17)];

    /// <summary>Around the 256 numbers of a row that a group reads at once.</summary>
    private static readonly (int Rows, int Columns)[] Long = [(0, 5), (5, 0), (1, 1), (3, 255), (2, 256), (2, 257), (2, 1021)];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void SumAddsEverything([ValueSource(nameof(Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(_device, 1);
        float[] terms = Array.ConvertAll(x.ToArray(), v => new Everything().Forward(new Scalar(v)).Value);
        Reduce.Sum(new Everything(), x, -0.5f, y);
        float first = y.Item();
        AssertSum(first, -0.5, terms, "Sum");
        Reduce.Sum(new Everything(), x, -0.5f, y);
        Assert.That(y.Item(), Is.EqualTo(first), "the same sum again");
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
    public void SumRowsAddsDown([ValueSource(nameof(Tall))] (int Rows, int Columns) size)
    {
        using var x = Numbers.Some(_device, new Shape(size.Rows, size.Columns), seed: 1);
        using var y = Numbers.Unwritten(_device, size.Columns);
        Reduce.SumRows(x, y);
        float[] xs = x.ToArray(), sums = y.ToArray();
        for (int c = 0; c < size.Columns; c++)
            AssertSum(sums[c], 1, xs.Where((_, i) => i % size.Columns == c), $"column {c}");
    }

    [Test]
    public void SumColumnsAddsAcross([ValueSource(nameof(Long))] (int Rows, int Columns) size)
    {
        using var x = Numbers.Some(_device, new Shape(size.Rows, size.Columns), seed: 1);
        using var y = Numbers.Unwritten(_device, size.Rows);
        Reduce.SumColumns(x, y);
        float[] xs = x.ToArray(), sums = y.ToArray();
        for (int n = 0; n < size.Rows; n++)
            AssertSum(sums[n], 1, xs.Skip(n * size.Columns).Take(size.Columns), $"row {n}");
    }

    [Test]
    public void RepeatsFillEveryElement([ValueSource(nameof(Long))] (int Rows, int Columns) size)
    {
        using var one = Numbers.Some(_device, new Shape(1), seed: 3);
        using var row = Numbers.Some(_device, new Shape(size.Columns), seed: 1);
        using var column = Numbers.Some(_device, new Shape(size.Rows), seed: 2);
        using var y = Numbers.Unwritten(_device, size.Rows, size.Columns);
        float[] r = row.ToArray(), c = column.ToArray(), wantRows = new float[y.Count], wantColumns = new float[y.Count], wantOne = new float[y.Count];
        Array.Fill(wantOne, -0.7f * one.Item());
        for (int i = 0; i < y.Count; i++)
            (wantRows[i], wantColumns[i]) = (r[i % size.Columns], 0.3f * c[i / size.Columns]);
        Reduce.Repeat(one, -0.7f, y);
        Numbers.AssertSame(y.ToArray(), wantOne, "Repeat");
        Reduce.RepeatRows(row, y);
        Numbers.AssertSame(y.ToArray(), wantRows, "RepeatRows");
        Reduce.RepeatColumns(column, 0.3f, y);
        Numbers.AssertSame(y.ToArray(), wantColumns, "RepeatColumns");
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

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
[Quick]
public class ReduceTests
{
    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    [Test]
    public void SumAddsEverything([ValueSource(typeof(Numbers), nameof(Numbers.Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(_device);
        Reduce.Sum(new Identity(), x, 0.5f, y);
        double sum = 0, size = 0;
        foreach (float v in x.ToArray())
            (sum, size) = (sum + v, size + Math.Abs(v));
        Assert.That(y.Item(), Is.EqualTo(0.5 * sum).Within(1e-6 * size));
        Reduce.Sum(new Everything(), x, 1, y);
        Assert.That(
            y.Item(), Is.EqualTo(x.ToArray().Sum(v => new Everything().Forward(new Exact(v)).Value)).Within(1e-6 * Math.Max(1, length)));
    }

    /// <summary>The chain itself: blocks of 4096, sixteen lanes that fold, the rest one by one, blocks added in double.</summary>
    [Test]
    public void SumHasOneOrder([ValueSource(typeof(Numbers), nameof(Numbers.Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(_device, 1);
        Reduce.Sum(new Identity(), x, 3, y);
        double sum = 0;
        foreach (float[] block in x.ToArray().Chunk(4096))
            sum += Chain(block);
        Assert.That(y.Item(), Is.EqualTo((float)(3 * sum)));
    }

    [Test]
    public void AMillionTermsDoNotDrift()
    {
        using var x = Tensor.Filled(_device, new Shape(3_000_001), 0.1f);
        using var y = Numbers.Unwritten(_device, 1);
        Reduce.Sum(new Identity(), x, 1, y);
        Assert.That(y.Item(), Is.EqualTo(3_000_001 * (double)0.1f).Within(1e-3).Percent);
    }

    [Test]
    public void SumRowsAddsDown([ValueSource(typeof(Numbers), nameof(Numbers.Matrices))] (int Rows, int Columns) size)
    {
        using var x = Numbers.Some(_device, new Shape(size.Rows, size.Columns), seed: 1);
        using var y = Numbers.Unwritten(_device, size.Columns);
        Reduce.SumRows(x, y);
        float[] xs = x.ToArray(), want = new float[size.Columns];
        for (int i = 0; i < xs.Length; i++)
            want[i % size.Columns] += xs[i];
        Numbers.AssertSame(y.ToArray(), want, "SumRows");
    }

    [Test]
    public void SumColumnsAddsAcross([ValueSource(typeof(Numbers), nameof(Numbers.Matrices))] (int Rows, int Columns) size)
    {
        using var x = Numbers.Some(_device, new Shape(size.Rows, size.Columns), seed: 1);
        using var y = Numbers.Unwritten(_device, size.Rows);
        Reduce.SumColumns(x, y);
        float[] xs = x.ToArray(), want = new float[size.Rows];
        var exact = new double[size.Rows];
        for (int n = 0; n < size.Rows; n++)
        {
            want[n] = Chain(xs.AsSpan(n * size.Columns, size.Columns));
            for (int c = 0; c < size.Columns; c++)
                exact[n] += xs[(n * size.Columns) + c];
        }
        Numbers.AssertSame(y.ToArray(), want, "SumColumns");
        Numbers.AssertClose(y.ToArray(), exact, 1e-4, "SumColumns against double");
    }

    [Test]
    public void RepeatsFillEveryElement([ValueSource(typeof(Numbers), nameof(Numbers.Matrices))] (int Rows, int Columns) size)
    {
        using var row = Numbers.Some(_device, new Shape(size.Columns), seed: 1);
        using var column = Numbers.Some(_device, new Shape(size.Rows), seed: 2);
        using var y = Numbers.Unwritten(_device, size.Rows, size.Columns);
        float[] r = row.ToArray(), c = column.ToArray(), wantRows = new float[y.Count], wantColumns = new float[y.Count];
        for (int i = 0; i < y.Count; i++)
            (wantRows[i], wantColumns[i]) = (r[i % size.Columns], 0.3f * c[i / size.Columns]);
        Reduce.RepeatRows(row, y);
        Numbers.AssertSame(y.ToArray(), wantRows, "RepeatRows");
        Reduce.RepeatColumns(column, 0.3f, y);
        Numbers.AssertSame(y.ToArray(), wantColumns, "RepeatColumns");
    }

    [Test]
    public void OuterExtentsAreRows()
    {
        using var x = Numbers.Some(_device, new Shape(2, 3, 5, 7), seed: 1);
        using var flat = Tensor.From(_device, new Shape(30, 7), x.ToArray());
        using var a = Numbers.Unwritten(_device, 7);
        using var b = Numbers.Unwritten(_device, 7);
        Reduce.SumRows(x, a);
        Reduce.SumRows(flat, b);
        Numbers.AssertSame(a.ToArray(), b.ToArray(), "[2,3,5,7]");
    }

    [Test]
    public void ShapesThatDoNotFitAreRefused()
    {
        using var x = new Tensor(_device, new Shape(4, 6));
        using var row = new Tensor(_device, new Shape(6));
        using var column = new Tensor(_device, new Shape(4));
        Numbers.AssertRefused(() => Reduce.Sum(new Identity(), x, 1, row), "Sum", "[4,6] with [6]", "one element");
        Numbers.AssertRefused(() => Reduce.SumRows(x, column), "SumRows", "[4,6] with [4]", "6 elements, one for each column");
        Numbers.AssertRefused(() => Reduce.SumColumns(x, row), "SumColumns", "[4,6] with [6]", "4 elements, one for each row");
        Numbers.AssertRefused(() => Reduce.RepeatRows(column, x), "RepeatRows", "[4,6] with [4]", "6 elements, one for each column");
        Numbers.AssertRefused(() => Reduce.RepeatColumns(row, 1, x), "RepeatColumns", "[6] with [4,6]", "4 elements, one for each row");
    }

    [Test]
    public void SumTakesItsPartsFromThePool()
    {
        using var device = new CpuDevice(2);
        using var x = Numbers.Some(device, new Shape(100_000), seed: 1);
        using var y = Numbers.Unwritten(device, 1);
        Reduce.Sum(new Identity(), x, 1, y);
        long before = device.AllocatedBytes;
        Reduce.Sum(new Identity(), x, 1, y);
        Assert.That(device.AllocatedBytes, Is.EqualTo(before));
        Assert.That(device.RentedBlocks, Is.EqualTo(2));
    }

    private static float Chain(ReadOnlySpan<float> x)
    {
        var lanes = new float[16];
        int whole = x.Length / 16 * 16;
        for (int i = 0; i < whole; i++)
            lanes[i % 16] += x[i];
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }
        float rest = 0;
        foreach (float v in x[whole..])
            rest += v;
        return lanes[0] + rest;
    }
}

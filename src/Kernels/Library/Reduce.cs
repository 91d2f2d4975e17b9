using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Sums, and their opposite, repeats. The order of every sum is fixed by the shape alone: sixteen lanes whatever the machine has, and the sum of
/// everything in blocks of a fixed size whatever the number of threads.
/// </summary>
public static unsafe class Reduce
{
    private const int Block = 4096;     // elements summed in float before the sums go on in double
    private const int ColumnBlock = 64; // columns that one unit of a column sum has: four vectors side by side

    /// <summary>y[0] = scale · Σ f(x) over all elements.</summary>
    /// <exception cref="ArgumentException">y has not one element.</exception>
    public static void Sum<F>(F f, Tensor x, float scale, Tensor y)
        where F : struct, IMap
    {
        if (y.Count != 1)
            Host.Refuse("Sum", x, y, "the sum of everything has one element");
        var device = y.Cpu("Sum");
        int blocks = (x.Count + Block - 1) / Block;
        using var partial = new Tensor(device, new Shape(blocks));
        var job = new SumJob<F>(f, x.Pointer(), partial.Pointer(), x.Count);
        device.Run(ref job, blocks, 4);
        double sum = 0; // float would drift past a million terms
        for (int i = 0; i < blocks; i++)
            sum += partial.Pointer()[i];
        *y.Pointer() = (float)(scale * sum);
    }

    /// <summary>y[c] = Σₙ x[n,c]: the sum of all rows.</summary>
    /// <exception cref="ArgumentException">y has not one element for each column.</exception>
    public static void SumRows(Tensor x, Tensor y)
    {
        Host.RowOf("SumRows", x, y);
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        var job = new SumRowsJob(x.Pointer(), y.Pointer(), rows, columns);
        y.Cpu("SumRows").Run(ref job, (columns + ColumnBlock - 1) / ColumnBlock, (Host.Chunk * 4 / ColumnBlock / Math.Max(1, rows)) + 1);
    }

    /// <summary>y[n] = Σ_c x[n,c]: the sum of all columns.</summary>
    /// <exception cref="ArgumentException">y has not one element for each row.</exception>
    public static void SumColumns(Tensor x, Tensor y)
    {
        if (y.Count != x.Shape.Rows)
            Host.Refuse("SumColumns", x, y, $"the result must have {x.Shape.Rows} elements, one for each row");
        int columns = x.Shape.Columns;
        var job = new SumColumnsJob(x.Pointer(), y.Pointer(), columns);
        y.Cpu("SumColumns").Run(ref job, x.Shape.Rows, (Host.Chunk * 4 / Math.Max(1, columns)) + 1);
    }

    /// <summary>Every element of y = scale · x[0].</summary>
    /// <exception cref="ArgumentException">x has not one element.</exception>
    public static void Repeat(Tensor x, float scale, Tensor y)
    {
        if (x.Count != 1)
            Host.Refuse("Repeat", x, y, "only a single number can be repeated everywhere");
        _ = y.Cpu("Repeat");
        new Span<float>(y.Pointer(), y.Count).Fill(scale * *x.Pointer());
    }

    /// <summary>y[n,c] = row[c].</summary>
    /// <exception cref="ArgumentException">The row's length is not y's number of columns.</exception>
    public static void RepeatRows(Tensor row, Tensor y)
    {
        Host.RowOf("RepeatRows", y, row);
        _ = y.Cpu("RepeatRows");
        var from = new ReadOnlySpan<float>(row.Pointer(), row.Count);
        for (int n = 0; n < y.Shape.Rows; n++)
            from.CopyTo(new Span<float>(y.Pointer() + ((nint)n * row.Count), row.Count));
    }

    /// <summary>y[n,c] = scale · column[n].</summary>
    /// <exception cref="ArgumentException">The column's length is not y's number of rows.</exception>
    public static void RepeatColumns(Tensor column, float scale, Tensor y)
    {
        if (column.Count != y.Shape.Rows)
            Host.Refuse("RepeatColumns", column, y, $"the column must have {y.Shape.Rows} elements, one for each row");
        _ = y.Cpu("RepeatColumns");
        int columns = y.Shape.Columns;
        for (int n = 0; n < column.Count; n++)
            new Span<float>(y.Pointer() + ((nint)n * columns), columns).Fill(scale * column.Pointer()[n]);
    }

    private readonly struct SumJob<F>(F f, float* x, float* partial, int count) : IJob
        where F : struct, IMap
    {
        public void Run(int from, int to)
        {
            for (int block = from; block < to; block++)
                partial[block] = SumOf(f, x + ((nint)block * Block), Math.Min(Block, count - (block * Block)));
        }
    }

    private static float SumOf<F>(F f, float* x, int count)
        where F : struct, IMap
    {
        Simd sum = Simd.Of(0f);
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
            sum += f.Forward(Simd.Load(x + i));
        float rest = 0;
        for (; i < count; i++)
            rest += f.Forward(new Scalar(x[i])).Value;
        return Simd.Sum(sum) + rest;
    }

    private readonly struct SumRowsJob(float* x, float* y, int rows, int columns) : IJob
    {
        public void Run(int from, int to)
        {
            int c = from * ColumnBlock, end = Math.Min(to * ColumnBlock, columns);
            for (; c <= end - ColumnBlock; c += ColumnBlock)
            {
                Simd a = Simd.Of(0f), b = a, d = a, e = a; // four chains at once, or the sum waits for each addition
                for (int n = 0; n < rows; n++)
                {
                    float* row = x + ((nint)n * columns) + c;
                    a += Simd.Load(row);
                    b += Simd.Load(row + 16);
                    d += Simd.Load(row + 32);
                    e += Simd.Load(row + 48);
                }
                Simd.Store(y + c, a);
                Simd.Store(y + c + 16, b);
                Simd.Store(y + c + 32, d);
                Simd.Store(y + c + 48, e);
            }
            for (; c <= end - Simd.Lanes; c += Simd.Lanes)
                Down<Simd>(c);
            for (; c < end; c++)
                Down<Scalar>(c);
        }

        private void Down<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V sum = V.Of(0f);
            for (int n = 0; n < rows; n++)
                sum += V.Load(x + ((nint)n * columns) + c);
            V.Store(y + c, sum);
        }
    }

    private readonly struct SumColumnsJob(float* x, float* y, int columns) : IJob
    {
        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
                y[n] = SumOf(new Identity(), x + ((nint)n * columns), columns);
        }
    }
}

using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// Sums, and repeats, which are their backward passes. The order of every sum is fixed by the shape alone: sixteen lanes whatever the
/// machine has, and the sum of everything in blocks of a fixed size whatever the number of threads.
/// </summary>
public static unsafe class Reduce
{
    private const int Block = 4096;     // elements whose sum is in float; the sums of blocks are added in double

    /// <summary>y[0] = factor · (scale · Σ f(x)) over all elements, rounded before the factor and after it.</summary>
    /// <exception cref="ArgumentException">y hasn't exactly one element.</exception>
    public static void Sum<F>(F f, Tensor x, float scale, Tensor y, float factor = 1f)
        where F : struct, IMap
    {
        if (y.Count != 1)
            Operands.Refuse("Sum", x, y, "the sum of everything has one element");
        if (y.Device is CpuDevice cpu)
            SumOnCpu(cpu, f, x, scale, y, factor);
        else
            SumOnAccelerator(f, x, scale, y, factor);
    }

    /// <summary>y[c] = Σₙ x[n,c]: the sum of all rows; of four dimensions in blocks (<see cref="RowBlocks"/>).</summary>
    /// <exception cref="ArgumentException">y hasn't one element for each column.</exception>
    public static void SumRows(Tensor x, Tensor y)
    {
        Operands.RowOf("SumRows", x, y);
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        if (RowBlocks.Divide(x.Shape))
        {
            RowBlocks.SumRows(x, y);
        }
        else if (y.Device is CpuDevice cpu)
        {
            var job = new SumRowsJob(x.Pointer(), y.Pointer(), rows, columns);
            int least = (CpuLoop.MinElements / 2 / CpuChains.Columns / Math.Max(1, rows)) + 1;
            cpu.Run(ref job, (columns + CpuChains.Columns - 1) / CpuChains.Columns, least);
        }
        else
        {
            var arguments = new SumRowsArguments(x.On(y.Device), y.On(y.Device), rows, columns);
            Launcher.Groups(y.Device, ColumnChains.GridOf(columns), ColumnChains.Threads, SumRowsKernel, arguments);
        }
    }

    /// <summary>y[n] = Σ_c x[n,c]: the sum of all columns.</summary>
    /// <exception cref="ArgumentException">y hasn't one element for each row.</exception>
    public static void SumColumns(Tensor x, Tensor y)
    {
        if (y.Count != x.Shape.Rows)
            Operands.Refuse("SumColumns", x, y, $"the result must have {x.Shape.Rows} elements, one for each row");
        int columns = x.Shape.Columns;
        if (y.Device is CpuDevice cpu)
        {
            var job = new SumColumnsJob(x.Pointer(), y.Pointer(), columns);
            cpu.Run(ref job, x.Shape.Rows, CpuLoop.MinRows(columns));
        }
        else // a group for each row
        {
            var arguments = new SumArguments<Identity>(default, x.On(y.Device), y.On(y.Device), 1f, 1f, columns, x.Count);
            Launcher.Groups(y.Device, new Index2D(x.Shape.Rows, 1), SumThreads, SumKernel, arguments);
        }
    }

    /// <summary>Every element of y = scale · x[0].</summary>
    /// <exception cref="ArgumentException">x hasn't exactly one element.</exception>
    public static void Repeat(Tensor x, float scale, Tensor y)
    {
        if (x.Count != 1)
            Operands.Refuse("Repeat", x, y, "only a single number can be repeated everywhere");
        if (y.Device is CpuDevice)
            new Span<float>(y.Pointer(), y.Count).Fill(scale * *x.Pointer());
        else
            Launcher.ForEach(y.Device, y.Count, RepeatKernel, x.On(y.Device), y.On(y.Device), scale);
    }

    /// <summary>y[n,c] = row[c].</summary>
    /// <exception cref="ArgumentException">The row's length is not y's number of columns.</exception>
    public static void RepeatRows(Tensor row, Tensor y)
    {
        Operands.RowOf("RepeatRows", y, row);
        if (y.Device is not CpuDevice)
        {
            Launcher.ForEach(y.Device, y.Count, RepeatRowsKernel, row.On(y.Device), y.On(y.Device));
            return;
        }
        var from = new ReadOnlySpan<float>(row.Pointer(), row.Count);
        for (int n = 0; n < y.Shape.Rows; n++)
            from.CopyTo(new Span<float>(y.Pointer() + ((nint)n * row.Count), row.Count));
    }

    /// <summary>y[n,c] = scale · column[n].</summary>
    /// <exception cref="ArgumentException">The column's length is not y's number of rows.</exception>
    public static void RepeatColumns(Tensor column, float scale, Tensor y)
    {
        if (column.Count != y.Shape.Rows)
            Operands.Refuse("RepeatColumns", column, y, $"the column must have {y.Shape.Rows} elements, one for each row");
        int columns = y.Shape.Columns;
        if (y.Device is not CpuDevice)
        {
            Launcher.ForEach(y.Device, y.Count, RepeatColumnsKernel, column.On(y.Device), y.On(y.Device), scale, columns);
            return;
        }
        for (int n = 0; n < column.Count; n++)
            new Span<float>(y.Pointer() + ((nint)n * columns), columns).Fill(scale * column.Pointer()[n]);
    }

    private static void SumOnCpu<F>(CpuDevice device, F f, Tensor x, float scale, Tensor y, float factor)
        where F : struct, IMap
    {
        int blocks = (x.Count + Block - 1) / Block;
        using var partial = new Tensor(device, new Shape(blocks));
        var job = new SumJob<F>(f, x.Pointer(), partial.Pointer(), x.Count);
        device.Run(ref job, blocks, 4);
        double sum = 0; // float would drift past a million terms
        for (int i = 0; i < blocks; i++)
            sum += partial.Pointer()[i];
        *y.Pointer() = factor * (float)(scale * sum);
    }

    /// <summary>Sums each block by a group, then the blocks' sums by one thread.</summary>
    private static void SumOnAccelerator<F>(F f, Tensor x, float scale, Tensor y, float factor)
        where F : struct, IMap
    {
        var device = (AcceleratorDevice)y.Device;
        int blocks = Math.Max(1, (x.Count + Block - 1) / Block);
        if (blocks == 1) // scaling rounds once, in float as in double
        {
            var whole = new SumArguments<F>(f, x.On(device), y.On(device), scale, factor, Block, x.Count);
            Launcher.Groups(device, new Index2D(1, 1), SumThreads, SumKernel, whole);
            return;
        }
        using var partial = new Tensor(device, new Shape(blocks));
        var arguments = new SumArguments<F>(f, x.On(device), partial.On(device), 1f, 1f, Block, x.Count);
        Launcher.Groups(device, new Index2D(blocks, 1), SumThreads, SumKernel, arguments);
        if (device.HasDoubles)
            Launcher.ForEach(device, 1, TotalKernel, partial.On(device), y.On(device), scale, factor);
        else
            Launcher.ForEach(device, 1, TotalInFloatKernel, partial.On(device), y.On(device), scale, factor);
    }

    private const int SumThreads = 256;

    internal readonly record struct SumArguments<F>(
        F Formula, ArrayView<float> X, ArrayView<float> Y, float Scale, float Factor, int PerGroup, int Count)
        where F : struct, IMap;

    /// <summary>
    /// Sums a group's part of x into one element of y, in the processor's order: sixteen lanes, each a chain over every sixteenth number;
    /// then the lanes, folded in halves; then the remainder. All threads compute the formula, and sixteen of them add.
    /// </summary>
    private static void SumKernel<F>(SumArguments<F> a)
        where F : struct, IMap
    {
        var shared = SharedMemory.Allocate<float>(Block);
        var lanes = SharedMemory.Allocate<float>(Simd.Lanes);
        int t = Group.IdxX;
        long from = (long)Grid.IdxX * a.PerGroup;
        int count = a.Count - from < a.PerGroup ? (int)(a.Count - from) : a.PerGroup, whole = count - (count % Simd.Lanes);
        float sum = 0f, rest = 0f;
        for (int first = 0; first < count; first += Block)
        {
            int here = count - first < Block ? count - first : Block, lanesHere = whole - first < here ? whole - first : here;
            for (int i = t; i < here; i += SumThreads)
                shared[i] = a.Formula.Forward(new Scalar(a.X[from + first + i])).Value;
            Group.Barrier();
            if (t < Simd.Lanes)
            {
                for (int i = t; i < lanesHere; i += Simd.Lanes)
                    sum += shared[i];
            }
            if (t == 0)
            {
                for (int i = lanesHere; i < here; i++)
                    rest += shared[i];
            }
            Group.Barrier();
        }
        if (t < Simd.Lanes)
            lanes[t] = sum;
        Group.Barrier();
        if (t == 0)
            a.Y[Grid.IdxX] = a.Factor * (a.Scale * (Fold(lanes) + rest));
    }

    /// <summary>
    /// Sums up to a block of terms in shared memory in the processor's order, and returns the sum to the first thread. Every thread of the
    /// group must call it, after it has written its terms.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumOf(ArrayView<float> terms, ArrayView<float> lanes, int count)
    {
        int t = Group.IdxX, whole = count - (count % Simd.Lanes);
        Group.Barrier();
        if (t < Simd.Lanes)
        {
            float sum = 0f;
            for (int i = t; i < whole; i += Simd.Lanes)
                sum += terms[i];
            lanes[t] = sum;
        }
        Group.Barrier();
        float total = 0f;
        if (t == 0)
        {
            float rest = 0f;
            for (int i = whole; i < count; i++)
                rest += terms[i];
            total = Fold(lanes) + rest;
        }
        return total;
    }

    /// <summary>Adds the lanes in halves, as <see cref="Simd.Sum"/> does.</summary>
    private static float Fold(ArrayView<float> lanes)
    {
        for (int half = Simd.Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }
        return lanes[0];
    }

    // One thread, for one order: of a batch's loss or a layer's gradient there are some hundred blocks at most.
    private static void TotalKernel(Index1D i, ArrayView<float> partial, ArrayView<float> y, float scale, float factor)
    {
        double sum = 0;
        for (int block = 0; block < partial.IntLength; block++)
            sum += partial[block];
        y[i] = factor * (float)(scale * sum);
    }

    private static void TotalInFloatKernel(Index1D i, ArrayView<float> partial, ArrayView<float> y, float scale, float factor)
    {
        float sum = 0;
        for (int block = 0; block < partial.IntLength; block++)
            sum += partial[block];
        y[i] = factor * (scale * sum);
    }

    internal readonly record struct SumRowsArguments(ArrayView<float> X, ArrayView<float> Y, int Rows, int Columns);

    private static void SumRowsKernel(SumRowsArguments a)
    {
        float sum = ColumnChains.Sum(new ElementTerms(a.X), a.Rows, a.Columns);
        if (ColumnChains.Slice == 0 && ColumnChains.Column < a.Columns)
            a.Y[ColumnChains.Column] = sum;
    }

    private static void RepeatKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, float scale) => y[i] = scale * x[0];

    private static void RepeatRowsKernel(Index1D i, ArrayView<float> row, ArrayView<float> y) => y[i] = row[i % row.IntLength];

    private static void RepeatColumnsKernel(Index1D i, ArrayView<float> column, ArrayView<float> y, float scale, int columns) =>
        y[i] = scale * column[i / columns];

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
        public void Run(int from, int to) => CpuChains.Sum(
            new ElementChain(x), 0, rows, columns, y, from * CpuChains.Columns, Math.Min(to * CpuChains.Columns, columns));
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

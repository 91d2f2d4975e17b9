using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

// x[N,H,W,C]: the rows are N·H·W pixels, the columns C channels

/// <summary>
/// Sums over the pixels of four-dimensional activations: thousands of rows, often of few columns. On every device each <see cref="Rows"/>
/// of them are a block. A column's sum is one chain within a block, and the blocks' sums are added in their order, with what rounding takes
/// from them (<see cref="TwoSum{V}"/>). So all threads have work, and the sum of any number of rows is as accurate as that of a block.
/// </summary>
internal static unsafe class RowBlocks
{
    /// <summary>
    /// Rows of a block. Fewer are more blocks to divide, and lose less: 64 times 0.1f is off by 6e-7, 256 times by 2.4e-6. With more there
    /// is less to add afterwards. Dividing by a power of two doesn't round.
    /// </summary>
    public const int Rows = 64;

    /// <summary>Returns whether activations are summed in blocks; those of two dimensions are one chain a column.</summary>
    public static bool Divide(Shape shape) => shape.Rank == 4;

    /// <summary>Returns the number of blocks.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>Returns the rows of a block: fewer in the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowsOf(int block, int rows) => rows - (block * Rows) < Rows ? rows - (block * Rows) : Rows;

    /// <summary>Returns the groups of a device that has one for each block and its sixteen columns: x is the block.</summary>
    public static Index2D GridOf(int rows, int columns) => new(Count(rows), ColumnChains.GridOf(columns).X);

    /// <summary>Runs a body for every block; the processor's threads divide blocks, and the columns of wide ones.</summary>
    public static void ForEach<B>(CpuDevice device, B body, int rows, int columns)
        where B : struct, IRowBlockBody
    {
        var job = new RowBlockJob<B>(body, rows, columns);
        int leastRows = CpuLoop.MinElements / 2 / Math.Clamp(columns, 1, RowBlockJob<B>.Strip);
        device.Run(ref job, Count(rows) * job.Strips, (leastRows / Rows) + 1);
    }

    /// <summary>y[c] = the sum of all rows.</summary>
    public static void SumRows(Tensor x, Tensor y)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns, blocks = Count(rows);
        var device = y.Device;
        using var sums = new Tensor(device, new Shape(blocks, columns));
        if (device is CpuDevice cpu)
        {
            ForEach(cpu, new SumsOfBlock(x.Pointer(), columns, sums.Pointer()), rows, columns);
            CpuLoop.Run(new TotalBody(sums.Pointer(), blocks, columns, y.Pointer()), 0, columns);
            return;
        }
        var ofBlocks = new SumArguments(x.On(device), sums.On(device), rows, columns);
        Launcher.Groups(device, GridOf(rows, columns), ColumnChains.Threads, BlockSumsKernel, ofBlocks);
        var totals = new SumArguments(sums.On(device), y.On(device), blocks, columns);
        Launcher.Groups(device, ColumnChains.GridOf(columns), ColumnChains.Threads, BlockTotalsKernel, totals);
    }

    internal readonly record struct SumArguments(ArrayView<float> X, ArrayView<float> Y, int Rows, int Columns);

    private static void BlockSumsKernel(SumArguments a)
    {
        int block = Grid.IdxX, c = ColumnChains.ColumnOf(Grid.IdxY);
        float sum = ColumnChains.Sum<float, ElementTerms>(new(a.X), c, block * Rows, RowsOf(block, a.Rows), a.Columns);
        if (ColumnChains.Slice == 0 && c < a.Columns)
            a.Y[((long)block * a.Columns) + c] = sum;
    }

    /// <summary>Adds up blocks; x has a row for each.</summary>
    private static void BlockTotalsKernel(SumArguments a)
    {
        int c = ColumnChains.ColumnOf(Grid.IdxX);
        var total = ColumnChains.Sum<TwoSum<Scalar>, SumsOfBlocks>(new(a.X), c, 0, a.Rows, a.Columns);
        if (ColumnChains.Slice == 0 && c < a.Columns)
            a.Y[c] = total.Total.Value;
    }

    private readonly struct SumsOfBlock(float* x, int columns, float* sums) : IRowBlockBody
    {
        public void Run(int block, int first, int rows, int c, int end) =>
            CpuChains.Sum(new ElementChain(x), (nint)first * columns, rows, columns, sums + ((nint)block * columns), c, end);
    }
}

/// <summary>A part of a sum over rows: what is done with a block.</summary>
internal interface IRowBlockBody
{
    /// <summary>Runs the columns c to end, exclusive, of a block.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="first">Its first row.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="c">The first column.</param>
    /// <param name="end">The column after the last.</param>
    void Run(int block, int first, int rows, int c, int end);
}

/// <summary>Blocks spread over threads; a unit is a strip of a block's columns.</summary>
internal readonly struct RowBlockJob<B>(B body, int rows, int columns) : IJob
    where B : struct, IRowBlockBody
{
    /// <summary>Columns of a unit: its numbers take 64 KiB at most, and may be read twice.</summary>
    public const int Strip = 256;

    /// <summary>The number of strips.</summary>
    public int Strips => (columns + Strip - 1) / Strip;

    /// <inheritdoc/>
    public void Run(int from, int to)
    {
        for (int unit = from; unit < to; unit++)
        {
            int block = unit / Strips, c = unit % Strips * Strip;
            body.Run(block, block * RowBlocks.Rows, RowBlocks.RowsOf(block, rows), c, Math.Min(c + Strip, columns));
        }
    }
}

/// <summary>Adds up the sums of blocks.</summary>
internal readonly unsafe struct TotalBody(float* sums, int blocks, nint stride, float* total) : ILoopBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int c)
        where V : struct, IFloatLane<V>
    {
        var sum = default(TwoSum<V>);
        for (int block = 0; block < blocks; block++)
            sum = sum.Plus(V.Load(sums + (block * stride) + c));
        V.Store(total + c, sum.Total);
    }
}

using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>Runs a loop body over elements, sixteen at a time and the rest one by one: the loop of every elementwise kernel.</summary>
internal static class CpuLoop
{
    /// <summary>Fewest elements worth a second thread: a simple formula takes some microseconds for them.</summary>
    public const int MinElements = 16384;

    private const int MinElementsOfRows = 8192;

    /// <summary>Returns the fewest rows worth a second thread, for a job whose unit is a row.</summary>
    public static int MinRows(int columns) => (MinElementsOfRows / Math.Max(1, columns)) + 1;

    /// <summary>
    /// Runs the body for every element of a shape on all threads. Threads divide a wide matrix by columns, as most matrix products do, so
    /// that each reads what its own cache holds.
    /// </summary>
    public static void ForEach<B>(CpuDevice device, B body, Shape shape)
        where B : struct, ILoopBody
    {
        bool wide = shape.Columns >= device.Threads * 2 * LoopJob<B>.Block;
        var job = new LoopJob<B>(body, wide ? shape.Rows : 1, wide ? shape.Columns : shape.Count);
        device.Run(ref job, job.Blocks, (MinElements / LoopJob<B>.Block / job.Rows) + 1);
    }

    /// <summary>Runs the body for the elements <paramref name="from"/> to <paramref name="to"/>, exclusive.</summary>
    public static void Run<B>(B body, int from, int to)
        where B : struct, ILoopBody
    {
        int i = from;
        for (; i <= to - Simd.Lanes; i += Simd.Lanes)
            body.At<Simd>(i);
        for (; i < to; i++)
            body.At<Scalar>(i);
    }
}

/// <summary>The body of a loop over elements.</summary>
internal interface ILoopBody
{
    /// <summary>Computes the elements i to i + V.Width, exclusive.</summary>
    void At<V>(int i)
        where V : struct, IFloatLane<V>;
}

/// <summary>Adds numbers to others, in place: sums += terms.</summary>
internal readonly unsafe struct AddTo(float* terms, float* sums) : ILoopBody
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<L>(int i)
        where L : struct, IFloatLane<L> => L.Store(sums + i, L.Load(sums + i) + L.Load(terms + i));
}

/// <summary>A loop spread over threads; a unit is a block of columns.</summary>
internal readonly struct LoopJob<B>(B body, int rows, int columns) : IJob
    where B : struct, ILoopBody
{
    /// <summary>Columns of a unit.</summary>
    public const int Block = 64;

    /// <summary>The number of rows, at least 1.</summary>
    public int Rows => Math.Max(1, rows);

    /// <summary>The number of units.</summary>
    public int Blocks => (columns + Block - 1) / Block;

    /// <inheritdoc/>
    public void Run(int from, int to)
    {
        int first = from * Block, end = (int)Math.Min((long)to * Block, columns);
        if (first == 0 && end == columns)
        {
            CpuLoop.Run(body, 0, rows * columns); // one thread: rows are one loop
            return;
        }
        for (int row = 0; row < rows; row++)
            CpuLoop.Run(body, (row * columns) + first, (row * columns) + end);
    }
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// The part of a product that a thread keeps in registers: a struct of its sums. ILGPU doesn't unroll loops, and an array would lie in memory; a struct whose every
/// multiply-add is written out stays in registers.
/// </summary>
/// <typeparam name="T">The tile itself.</typeparam>
internal interface ITile<T>
    where T : struct, ITile<T>
{
    /// <summary>Rows, and columns, of the part of the result that a group computes.</summary>
    static abstract int Side { get; }

    /// <summary>Threads of a group.</summary>
    static abstract int Threads { get; }

    /// <summary>Steps of k that a group brings into shared memory at once.</summary>
    static abstract int Depth { get; }

    /// <summary>Times that a thread reads four numbers of an operand for them: 1 or 2.</summary>
    static abstract int Reads { get; }

    /// <summary>The sums that the chains begin with.</summary>
    static abstract T Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue;

    /// <summary>The sums after all steps of a block.</summary>
    static abstract T Steps(T sums, ArrayView<F4> a, ArrayView<F4> b, int buffer);

    /// <summary>The sums after one step, whose numbers begin at a place.</summary>
    static abstract T Step(T sums, ArrayView<F4> a, ArrayView<F4> b, int at);

    /// <summary>Stores the sums by way of the epilogue.</summary>
    static abstract void End<W, E>(MatMulArguments<E> p, int row, int column, T sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue;
}

/// <summary>Four numbers that are read and written at once, as sixteen bytes.</summary>
internal struct F4
{
    public float X, Y, Z, W;
}

/// <summary>Two numbers that are read and written at once.</summary>
internal struct F2
{
    public float X, Y;
}

/// <summary>One element of the result.</summary>
internal static class Element
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => row < p.M && column < p.N ? p.Y[(row * p.N) + column] : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<E>(MatMulArguments<E> p, int row, int column, float sum)
        where E : struct, IDeviceEpilogue
    {
        if (row >= p.M || column >= p.N)
            return;
        int at = (row * p.N) + column;
        p.Y[at] = p.Epilogue.Of(sum, at, column);
    }
}

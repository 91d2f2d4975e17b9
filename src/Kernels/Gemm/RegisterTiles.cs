using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// A thread's part of a product: its sums, in registers. They are a struct with every multiply-add written out, because ILGPU unrolls no
/// loops and keeps an array in memory.
/// </summary>
/// <typeparam name="T">The tile itself.</typeparam>
internal interface ITile<T>
    where T : struct, ITile<T>
{
    /// <summary>The rows, and columns, of a group's part of the result.</summary>
    static abstract int Side { get; }

    /// <summary>Threads of a group.</summary>
    static abstract int Threads { get; }

    /// <summary>The steps of k of a block in shared memory.</summary>
    static abstract int Depth { get; }

    /// <summary>The reads, of four numbers each, that a thread makes of an operand's block: 1 or 2.</summary>
    static abstract int Reads { get; }

    /// <summary>Returns the sums that the chains start with.</summary>
    static abstract T Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue;

    /// <summary>Returns the sums after all steps of a block.</summary>
    static abstract T Steps(T sums, ArrayView<F4> a, ArrayView<F4> b, int buffer);

    /// <summary>The steps of k that are computed at once at the end, where no whole block is left.</summary>
    static abstract int StepsAtOnce { get; }

    /// <summary>Returns the sums after those steps, or as many as are left, whose numbers are at an offset.</summary>
    static abstract T Step(T sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left);

    /// <summary>Returns four numbers of an operand as they are written to shared memory.</summary>
    static abstract F4 Staged(F4 four);

    /// <summary>Returns the sums of two tiles, element by element.</summary>
    static abstract T Plus(T a, T b);

    /// <summary>Stores the sums by way of the epilogue.</summary>
    static abstract void End<W, E>(MatMulArguments<E> p, int row, int column, T sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue;
}

/// <summary>Four numbers that are read and written at once, as sixteen bytes.</summary>
internal struct F4
{
    public float X, Y, Z, W;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 Plus(F4 a, F4 b) => new() { X = a.X + b.X, Y = a.Y + b.Y, Z = a.Z + b.Z, W = a.W + b.W };
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
        where E : struct, IDeviceEpilogue => row < p.M && column < p.N ? p.Y[(p.Epilogue.RowOf(row) * p.N) + column] : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<E>(MatMulArguments<E> p, int row, int column, float sum)
        where E : struct, IDeviceEpilogue
    {
        if (row >= p.M || column >= p.N)
            return;
        int at = (p.Epilogue.RowOf(row) * p.N) + column;
        p.Y[at] = p.Epilogue.Of(sum, at, column);
    }
}

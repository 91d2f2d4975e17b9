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

/// <summary>Four by four sums: what the tiles are made of.</summary>
internal struct FourByFour
{
    private F4 _r0, _r1, _r2, _r3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Add(FourByFour sums, F4 a, F4 b)
    {
        sums._r0 = AddRow(sums._r0, a.X, b);
        sums._r1 = AddRow(sums._r1, a.Y, b);
        sums._r2 = AddRow(sums._r2, a.Z, b);
        sums._r3 = AddRow(sums._r3, a.W, b);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        var sums = default(FourByFour);
        if (!E.Continues)
            return sums;
        sums._r0 = BeginRow(p, row, column);
        sums._r1 = BeginRow(p, row + 1, column);
        sums._r2 = BeginRow(p, row + 2, column);
        sums._r3 = BeginRow(p, row + 3, column);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FourByFour sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        EndRow<W, E>(p, row, column, sums._r0);
        EndRow<W, E>(p, row + 1, column, sums._r1);
        EndRow<W, E>(p, row + 2, column, sums._r2);
        EndRow<W, E>(p, row + 3, column, sums._r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F4 AddRow(F4 sums, float a, F4 b)
    {
        sums.X = MathF.FusedMultiplyAdd(a, b.X, sums.X);
        sums.Y = MathF.FusedMultiplyAdd(a, b.Y, sums.Y);
        sums.Z = MathF.FusedMultiplyAdd(a, b.Z, sums.Z);
        sums.W = MathF.FusedMultiplyAdd(a, b.W, sums.W);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F4 BeginRow<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new()
        {
            X = Element.Begin(p, row, column),
            Y = Element.Begin(p, row, column + 1),
            Z = Element.Begin(p, row, column + 2),
            W = Element.Begin(p, row, column + 3),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRow<W, E>(MatMulArguments<E> p, int row, int column, F4 sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        if (row >= p.M)
            return;
        if (W.ByFour)
        {
            if (column >= p.N)
                return;
            int at = (row * p.N) + column;
            sums.X = p.Epilogue.Of(sums.X, at, column);
            sums.Y = p.Epilogue.Of(sums.Y, at + 1, column + 1);
            sums.Z = p.Epilogue.Of(sums.Z, at + 2, column + 2);
            sums.W = p.Epilogue.Of(sums.W, at + 3, column + 3);
            p.Y.Cast<F4>()[at >> 2] = sums;
            return;
        }
        Element.End(p, row, column, sums.X);
        Element.End(p, row, column + 1, sums.Y);
        Element.End(p, row, column + 2, sums.Z);
        Element.End(p, row, column + 3, sums.W);
    }
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

/// <summary>128 by 128, 256 threads of 8 by 8: for large matrices, where a number that was read from memory is used 128 times.</summary>
internal struct LargeTile : ITile<LargeTile>
{
    private const int Stride = (128 / 4) + 1;

    private FourByFour _c00, _c01, _c10, _c11;

    public static int Side => 128;

    public static int Threads => 256;

    public static int Depth => 8;

    public static int Reads => 1;

    private static int Row => Group.IdxX / 16;

    private static int Column => Group.IdxX & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        var sums = default(LargeTile);
        row += 4 * Row;
        column += 4 * Column;
        sums._c00 = FourByFour.Begin(p, row, column);
        sums._c01 = FourByFour.Begin(p, row, column + 64);
        sums._c10 = FourByFour.Begin(p, row + 64, column);
        sums._c11 = FourByFour.Begin(p, row + 64, column + 64);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTile Steps(LargeTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var left = a.SubView(buffer + Row, (8 * Stride) - 15);
        var right = b.SubView(buffer + Column, (8 * Stride) - 15);
        sums = Add(sums, left, right, 0);
        sums = Add(sums, left, right, Stride);
        sums = Add(sums, left, right, 2 * Stride);
        sums = Add(sums, left, right, 3 * Stride);
        sums = Add(sums, left, right, 4 * Stride);
        sums = Add(sums, left, right, 5 * Stride);
        sums = Add(sums, left, right, 6 * Stride);
        return Add(sums, left, right, 7 * Stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTile Step(LargeTile sums, ArrayView<F4> a, ArrayView<F4> b, int at) =>
        Add(sums, a.SubView(at + Row, 17), b.SubView(at + Column, 17), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, LargeTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        row += 4 * Row;
        column += 4 * Column;
        FourByFour.End<W, E>(p, row, column, sums._c00);
        FourByFour.End<W, E>(p, row, column + 64, sums._c01);
        FourByFour.End<W, E>(p, row + 64, column, sums._c10);
        FourByFour.End<W, E>(p, row + 64, column + 64, sums._c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LargeTile Add(LargeTile sums, ArrayView<F4> a, ArrayView<F4> b, int at)
    {
        F4 a0 = a[at], a1 = a[at + 16], b0 = b[at], b1 = b[at + 16];
        sums._c00 = FourByFour.Add(sums._c00, a0, b0);
        sums._c01 = FourByFour.Add(sums._c01, a0, b1);
        sums._c10 = FourByFour.Add(sums._c10, a1, b0);
        sums._c11 = FourByFour.Add(sums._c11, a1, b1);
        return sums;
    }
}

/// <summary>64 by 64, 256 threads of 4 by 4: more groups where there is less to compute.</summary>
internal struct MiddleTile : ITile<MiddleTile>
{
    private const int Stride = (64 / 4) + 1;

    private FourByFour _sums;

    public static int Side => 64;

    public static int Threads => 256;

    public static int Depth => 16;

    public static int Reads => 1;

    private static int Row => Group.IdxX / 16;

    private static int Column => Group.IdxX & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = FourByFour.Begin(p, row + (4 * Row), column + (4 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Steps(MiddleTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        sums._sums = SixteenSteps.Of(sums._sums, a.SubView(buffer + Row, (16 * Stride) - 15), b.SubView(buffer + Column, (16 * Stride) - 15), Stride);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Step(MiddleTile sums, ArrayView<F4> a, ArrayView<F4> b, int at) =>
        new() { _sums = FourByFour.Add(sums._sums, a[at + Row], b[at + Column]) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, MiddleTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => FourByFour.End<W, E>(p, row + (4 * Row), column + (4 * Column), sums._sums);
}

/// <summary>32 by 32, 64 threads of 4 by 4: for a batch's products, so that every multiprocessor has some; it reads shared memory least.</summary>
internal struct SmallTile : ITile<SmallTile>
{
    private const int Stride = (32 / 4) + 1;

    private FourByFour _sums;

    public static int Side => 32;

    public static int Threads => 64;

    public static int Depth => 16;

    public static int Reads => 2;

    private static int Row => Group.IdxX / 8;

    private static int Column => Group.IdxX & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = FourByFour.Begin(p, row + (4 * Row), column + (4 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Steps(SmallTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        sums._sums = SixteenSteps.Of(sums._sums, a.SubView(buffer + Row, (16 * Stride) - 8), b.SubView(buffer + Column, (16 * Stride) - 8), Stride);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Step(SmallTile sums, ArrayView<F4> a, ArrayView<F4> b, int at) =>
        new() { _sums = FourByFour.Add(sums._sums, a[at + Row], b[at + Column]) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, SmallTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => FourByFour.End<W, E>(p, row + (4 * Row), column + (4 * Column), sums._sums);
}

/// <summary>Sixteen steps of a tile of four by four, from places that are constants apart.</summary>
internal static class SixteenSteps
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Of(FourByFour sums, ArrayView<F4> a, ArrayView<F4> b, int stride)
    {
        sums = FourByFour.Add(sums, a[0], b[0]);
        sums = FourByFour.Add(sums, a[stride], b[stride]);
        sums = FourByFour.Add(sums, a[2 * stride], b[2 * stride]);
        sums = FourByFour.Add(sums, a[3 * stride], b[3 * stride]);
        sums = FourByFour.Add(sums, a[4 * stride], b[4 * stride]);
        sums = FourByFour.Add(sums, a[5 * stride], b[5 * stride]);
        sums = FourByFour.Add(sums, a[6 * stride], b[6 * stride]);
        sums = FourByFour.Add(sums, a[7 * stride], b[7 * stride]);
        sums = FourByFour.Add(sums, a[8 * stride], b[8 * stride]);
        sums = FourByFour.Add(sums, a[9 * stride], b[9 * stride]);
        sums = FourByFour.Add(sums, a[10 * stride], b[10 * stride]);
        sums = FourByFour.Add(sums, a[11 * stride], b[11 * stride]);
        sums = FourByFour.Add(sums, a[12 * stride], b[12 * stride]);
        sums = FourByFour.Add(sums, a[13 * stride], b[13 * stride]);
        sums = FourByFour.Add(sums, a[14 * stride], b[14 * stride]);
        return FourByFour.Add(sums, a[15 * stride], b[15 * stride]);
    }
}

/// <summary>32 by 32, 256 threads of 2 by 2: four times the threads, where few rows leave most of a GPU without work.</summary>
internal struct FineTile : ITile<FineTile>
{
    private const int Stride = 2 * ((32 / 4) + 1); // in twos

    private float _c00, _c01, _c10, _c11;

    public static int Side => 32;

    public static int Threads => 256;

    public static int Depth => 32;

    public static int Reads => 1;

    private static int Row => Group.IdxX / 16;

    private static int Column => Group.IdxX & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        var sums = default(FineTile);
        if (!E.Continues)
            return sums;
        row += 2 * Row;
        column += 2 * Column;
        sums._c00 = Element.Begin(p, row, column);
        sums._c01 = Element.Begin(p, row, column + 1);
        sums._c10 = Element.Begin(p, row + 1, column);
        sums._c11 = Element.Begin(p, row + 1, column + 1);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Steps(FineTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var left = a.Cast<F2>().SubView((2 * buffer) + Row, (32 * Stride) - 17);
        var right = b.Cast<F2>().SubView((2 * buffer) + Column, (32 * Stride) - 17);
        sums = Eight(sums, left, right, 0);
        sums = Eight(sums, left, right, 8 * Stride);
        sums = Eight(sums, left, right, 16 * Stride);
        return Eight(sums, left, right, 24 * Stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Step(FineTile sums, ArrayView<F4> a, ArrayView<F4> b, int at) =>
        Add(sums, a.Cast<F2>()[(2 * at) + Row], b.Cast<F2>()[(2 * at) + Column]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FineTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        row += 2 * Row;
        column += 2 * Column;
        EndRow<W, E>(p, row, column, sums._c00, sums._c01);
        EndRow<W, E>(p, row + 1, column, sums._c10, sums._c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FineTile Eight(FineTile sums, ArrayView<F2> a, ArrayView<F2> b, int at)
    {
        sums = Add(sums, a[at], b[at]);
        sums = Add(sums, a[at + Stride], b[at + Stride]);
        sums = Add(sums, a[at + (2 * Stride)], b[at + (2 * Stride)]);
        sums = Add(sums, a[at + (3 * Stride)], b[at + (3 * Stride)]);
        sums = Add(sums, a[at + (4 * Stride)], b[at + (4 * Stride)]);
        sums = Add(sums, a[at + (5 * Stride)], b[at + (5 * Stride)]);
        sums = Add(sums, a[at + (6 * Stride)], b[at + (6 * Stride)]);
        return Add(sums, a[at + (7 * Stride)], b[at + (7 * Stride)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FineTile Add(FineTile sums, F2 a, F2 b)
    {
        sums._c00 = MathF.FusedMultiplyAdd(a.X, b.X, sums._c00);
        sums._c01 = MathF.FusedMultiplyAdd(a.X, b.Y, sums._c01);
        sums._c10 = MathF.FusedMultiplyAdd(a.Y, b.X, sums._c10);
        sums._c11 = MathF.FusedMultiplyAdd(a.Y, b.Y, sums._c11);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRow<W, E>(MatMulArguments<E> p, int row, int column, float first, float second)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        if (W.ByFour)
        {
            if (row >= p.M || column >= p.N)
                return;
            int at = (row * p.N) + column;
            p.Y.Cast<F2>()[at >> 1] = new F2 { X = p.Epilogue.Of(first, at, column), Y = p.Epilogue.Of(second, at + 1, column + 1) };
            return;
        }
        Element.End(p, row, column, first);
        Element.End(p, row, column + 1, second);
    }
}

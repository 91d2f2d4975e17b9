using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

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
        if (!E.Accumulates)
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
    public static FineTile Plus(FineTile a, FineTile b) => new()
    {
        _c00 = a._c00 + b._c00,
        _c01 = a._c01 + b._c01,
        _c10 = a._c10 + b._c10,
        _c11 = a._c11 + b._c11,
    };

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
        if (W.IsByFour(p.Width))
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

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>128 by 128, 256 threads of 8 by 8: for large matrices, where a number that was read from memory is used 128 times.</summary>
internal struct LargeTile : ITile<LargeTile>
{
    private const int Stride = (128 / 4) + 1;

    private FourByFour _c00, _c01, _c10, _c11;

    public static int Side => 128;

    public static int Threads => 256;

    public static int Depth => 8;

    public static int Reads => 1;

    public static int StepsAtOnce => 1;

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
    public static LargeTile Step(LargeTile sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left) =>
        Add(sums, a.SubView(at + Row, 17), b.SubView(at + Column, 17), 0);

    public static F4 Staged(F4 four) => four;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTile Plus(LargeTile a, LargeTile b) => new()
    {
        _c00 = FourByFour.Plus(a._c00, b._c00),
        _c01 = FourByFour.Plus(a._c01, b._c01),
        _c10 = FourByFour.Plus(a._c10, b._c10),
        _c11 = FourByFour.Plus(a._c11, b._c11),
    };

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

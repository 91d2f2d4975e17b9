using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>32 by 32, 256 threads of 2 by 2: four times a small tile's, where few rows leave most of a GPU without work.</summary>
internal struct FineTile : ITile<FineTile>
{
    private const int Stride = 2 * ((32 / 4) + 1); // in twos

    private TwoByTwo _sums;

    public static int Side => 32;

    public static int Threads => 256;

    public static int Depth => 32;

    public static int Reads => 1;

    public static int StepsAtOnce => 1;

    private static int Row => Group.IdxX / 16;

    private static int Column => Group.IdxX & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = TwoByTwo.Begin(p, row + (2 * Row), column + (2 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Steps(FineTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var left = a.Cast<F2>().SubView((2 * buffer) + Row, (32 * Stride) - 17);
        var right = b.Cast<F2>().SubView((2 * buffer) + Column, (32 * Stride) - 17);
        var next = TwoByTwo.Eight(sums._sums, left, right, 0, Stride);
        next = TwoByTwo.Eight(next, left, right, 8 * Stride, Stride);
        next = TwoByTwo.Eight(next, left, right, 16 * Stride, Stride);
        return new() { _sums = TwoByTwo.Eight(next, left, right, 24 * Stride, Stride) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Step(FineTile sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left) =>
        new() { _sums = TwoByTwo.Add(sums._sums, a.Cast<F2>()[(2 * at) + Row], b.Cast<F2>()[(2 * at) + Column]) };

    public static F4 Staged(F4 four) => four;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile Plus(FineTile a, FineTile b) => new() { _sums = TwoByTwo.Plus(a._sums, b._sums) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FineTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => TwoByTwo.End<W, E>(p, row + (2 * Row), column + (2 * Column), sums._sums);
}

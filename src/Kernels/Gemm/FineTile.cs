using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// 32 by 32, 256 threads of 2 by 2: four times a small tile's, where few rows leave most of a GPU without work. Or 16 by 16, 64 threads:
/// four times the groups, so that a batch's products reach every multiprocessor of a large GPU, at twice the reads of memory.
/// </summary>
/// <typeparam name="S">The side, a power of two up to 32.</typeparam>
internal struct FineTile<S> : ITile<FineTile<S>>
    where S : struct, IConstant
{
    private TwoByTwo _sums;

    public static int Side => S.Value;

    public static int Threads => S.Value / 2 * (S.Value / 2);

    public static int Depth => 32;

    public static int Reads => 32 / S.Value;

    public static int StepsAtOnce => 1;

    private static int Stride => 2 * ((S.Value / 4) + 1); // in twos

    private static int Row => Group.IdxX / (S.Value / 2);

    private static int Column => Group.IdxX & ((S.Value / 2) - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile<S> Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = TwoByTwo.Begin(p, row + (2 * Row), column + (2 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile<S> Steps(FineTile<S> sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        int stride = Stride, length = (32 * Stride) - (S.Value / 2) - 1;
        var left = a.Cast<F2>().SubView((2 * buffer) + Row, length);
        var right = b.Cast<F2>().SubView((2 * buffer) + Column, length);
        var next = TwoByTwo.Eight(sums._sums, left, right, 0, stride);
        next = TwoByTwo.Eight(next, left, right, 8 * stride, stride);
        next = TwoByTwo.Eight(next, left, right, 16 * stride, stride);
        return new() { _sums = TwoByTwo.Eight(next, left, right, 24 * stride, stride) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile<S> Step(FineTile<S> sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left) =>
        new() { _sums = TwoByTwo.Add(sums._sums, a.Cast<F2>()[(2 * at) + Row], b.Cast<F2>()[(2 * at) + Column]) };

    public static F4 Staged(F4 four) => four;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTile<S> Plus(FineTile<S> a, FineTile<S> b) => new() { _sums = TwoByTwo.Plus(a._sums, b._sums) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FineTile<S> sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => TwoByTwo.End<W, E>(p, row + (2 * Row), column + (2 * Column), sums._sums);
}

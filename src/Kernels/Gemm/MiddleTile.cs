using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>64 by 64, 256 threads of 4 by 4: more groups where there is less to compute.</summary>
internal struct MiddleTile : ITile<MiddleTile>
{
    private const int Stride = (64 / 4) + 1;

    private FourByFour _sums;

    public static int Side => 64;

    public static int Threads => 256;

    public static int Depth => 16;

    public static int Reads => 1;

    public static int StepsAtOnce => 1;

    private static int Row => Group.IdxX / 16;

    private static int Column => Group.IdxX & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = FourByFour.Begin(p, row + (4 * Row), column + (4 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Steps(MiddleTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var (left, right) = (a.SubView(buffer + Row, (16 * Stride) - 15), b.SubView(buffer + Column, (16 * Stride) - 15));
        sums._sums = SixteenSteps.Of(sums._sums, left, right, Stride);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Step(MiddleTile sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left) =>
        new() { _sums = FourByFour.Add(sums._sums, a[at + Row], b[at + Column]) };

    public static F4 Staged(F4 four) => four;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTile Plus(MiddleTile a, MiddleTile b) => new() { _sums = FourByFour.Plus(a._sums, b._sums) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, MiddleTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => FourByFour.End<W, E>(p, row + (4 * Row), column + (4 * Column), sums._sums);
}

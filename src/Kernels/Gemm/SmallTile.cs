using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// 32 by 32, 64 threads of 4 by 4: for a batch's products, so that every multiprocessor has some. It reads shared memory least.
/// </summary>
internal struct SmallTile : ITile<SmallTile>
{
    private const int Stride = (32 / 4) + 1;

    private FourByFour _sums;

    public static int Side => 32;

    public static int Threads => 64;

    public static int Depth => 16;

    public static int Reads => 2;

    public static int StepsAtOnce => 1;

    private static int Row => Group.IdxX / 8;

    private static int Column => Group.IdxX & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new() { _sums = FourByFour.Begin(p, row + (4 * Row), column + (4 * Column)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Steps(SmallTile sums, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var (left, right) = (a.SubView(buffer + Row, (16 * Stride) - 8), b.SubView(buffer + Column, (16 * Stride) - 8));
        sums._sums = SixteenSteps.Of(sums._sums, left, right, Stride);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Step(SmallTile sums, ArrayView<F4> a, ArrayView<F4> b, int at, int left) =>
        new() { _sums = FourByFour.Add(sums._sums, a[at + Row], b[at + Column]) };

    public static F4 Staged(F4 four) => four;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SmallTile Plus(SmallTile a, SmallTile b) => new() { _sums = FourByFour.Plus(a._sums, b._sums) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, SmallTile sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => FourByFour.End<W, E>(p, row + (4 * Row), column + (4 * Column), sums._sums);
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// 32 by 32 in TF32, 256 threads: eight warps, each with one product of 16 rows by 8 columns. For a batch's products, so that most of a
/// GPU has work.
/// </summary>
internal struct FineTf32Tile<M> : ITile<FineTf32Tile<M>>
    where M : struct, IMma<M>
{
    private const int Stride = 32 + 4;

    private M _mma;
    private F4 _sums;

    public static int Side => 32;

    public static int Threads => 256;

    public static int Depth => 32;

    public static int Reads => 1;

    public static int StepsAtOnce => 8;

    private static int Row => 16 * (Group.IdxX / 128);

    private static int Column => 8 * ((Group.IdxX / 32) & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTf32Tile<M> Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue =>
        new() { _mma = M.Create(), _sums = Fragments.Begin(p, row + Row, column + Column) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTf32Tile<M> Steps(FineTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var rows = Fragments.Rows(a, 4 * buffer, Row, Stride);
        var columns = Fragments.Columns(b, 4 * buffer, Column, Stride);
        tile = Eight(tile, rows, columns, 0, 8);
        tile = Eight(tile, rows, columns, 8 * Stride, 8);
        tile = Eight(tile, rows, columns, 16 * Stride, 8);
        return Eight(tile, rows, columns, 24 * Stride, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTf32Tile<M> Step(FineTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int at, int left)
    {
        var rows = Fragments.Rows(a, 4 * at, Row, Stride);
        var columns = Fragments.Columns(b, 4 * at, Column, Stride);
        return Eight(tile, rows, columns, 0, left);
    }

    public static F4 Staged(F4 four) => Fragments.Rounded<M>(four);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FineTf32Tile<M> Plus(FineTf32Tile<M> a, FineTf32Tile<M> b) =>
        new() { _mma = a._mma, _sums = F4.Plus(a._sums, b._sums) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FineTf32Tile<M> tile)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => Fragments.End<W, E>(p, row + Row, column + Column, tile._sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FineTf32Tile<M> Eight(FineTf32Tile<M> tile, ArrayView<F2> rows, ArrayView<float> columns, int at, int steps)
    {
        var (a, b) = (Fragments.Read(rows, at, Stride, steps), Fragments.Read(columns, at, Stride, steps));
        tile._sums = M.MultiplyAdd(tile._mma, tile._sums, a, b);
        return tile;
    }
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>64 by 64 in TF32, 256 threads: eight warps, each with 32 rows by 16 columns.</summary>
internal struct MiddleTf32Tile<M> : ITile<MiddleTf32Tile<M>>
    where M : struct, IMma<M>
{
    private const int Stride = 64 + 4;

    private M _mma;
    private WarpBlock<M> _block;

    public static int Side => 64;

    public static int Threads => 256;

    public static int Depth => 32;

    public static int Reads => 2;

    public static int StepsAtOnce => 8;

    private static int Row => 32 * (Group.IdxX / 128);

    private static int Column => 16 * ((Group.IdxX / 32) & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTf32Tile<M> Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue =>
        new() { _mma = M.Create(), _block = WarpBlock<M>.Begin(p, row + Row, column + Column) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTf32Tile<M> Steps(MiddleTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var rows = Fragments.Rows(a, 4 * buffer, Row, Stride);
        var columns = Fragments.Columns(b, 4 * buffer, Column, Stride);
        tile = Eight(tile, rows, columns, 0, 8);
        tile = Eight(tile, rows, columns, 8 * Stride, 8);
        tile = Eight(tile, rows, columns, 16 * Stride, 8);
        return Eight(tile, rows, columns, 24 * Stride, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTf32Tile<M> Step(MiddleTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int at, int left)
    {
        var rows = Fragments.Rows(a, 4 * at, Row, Stride);
        var columns = Fragments.Columns(b, 4 * at, Column, Stride);
        return Eight(tile, rows, columns, 0, left);
    }

    public static F4 Staged(F4 four) => Fragments.Rounded<M>(four);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MiddleTf32Tile<M> Plus(MiddleTf32Tile<M> a, MiddleTf32Tile<M> b) =>
        new() { _mma = a._mma, _block = WarpBlock<M>.Plus(a._block, b._block) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, MiddleTf32Tile<M> tile)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => WarpBlock<M>.End<W, E>(p, row + Row, column + Column, tile._block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MiddleTf32Tile<M> Eight(MiddleTf32Tile<M> tile, ArrayView<F2> rows, ArrayView<float> columns, int at, int steps)
    {
        F4 a0 = Fragments.Read(rows, at, Stride, steps), a1 = Fragments.Read(rows, at + 16, Stride, steps);
        F2 b0 = Fragments.Read(columns, at, Stride, steps), b1 = Fragments.Read(columns, at + 8, Stride, steps);
        tile._block = WarpBlock<M>.Add(tile._mma, tile._block, a0, a1, b0, b1);
        return tile;
    }
}

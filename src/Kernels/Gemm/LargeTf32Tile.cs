using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// 128 by 128 in TF32, 256 threads: eight warps, each with 64 rows by 32 columns, so that a fragment from shared memory is used two and
/// four times.
/// </summary>
internal struct LargeTf32Tile<M> : ITile<LargeTf32Tile<M>>
    where M : struct, IMma<M>
{
    private const int Stride = 128 + 4;

    private M _mma;
    private WarpBlock<M> _c00, _c01, _c10, _c11;

    public static int Side => 128;

    public static int Threads => 256;

    public static int Depth => 16;

    public static int Reads => 2;

    public static int StepsAtOnce => 8;

    private static int Row => 64 * (Group.IdxX / 128);

    private static int Column => 32 * ((Group.IdxX / 32) & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTf32Tile<M> Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        row += Row;
        column += Column;
        return new()
        {
            _mma = M.Create(),
            _c00 = WarpBlock<M>.Begin(p, row, column),
            _c01 = WarpBlock<M>.Begin(p, row, column + 16),
            _c10 = WarpBlock<M>.Begin(p, row + 32, column),
            _c11 = WarpBlock<M>.Begin(p, row + 32, column + 16),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTf32Tile<M> Steps(LargeTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int buffer)
    {
        var rows = Fragments.Rows(a, 4 * buffer, Row, Stride);
        var columns = Fragments.Columns(b, 4 * buffer, Column, Stride);
        tile = Eight(tile, rows, columns, 0, 8);
        return Eight(tile, rows, columns, 8 * Stride, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTf32Tile<M> Step(LargeTf32Tile<M> tile, ArrayView<F4> a, ArrayView<F4> b, int at, int left)
    {
        var rows = Fragments.Rows(a, 4 * at, Row, Stride);
        var columns = Fragments.Columns(b, 4 * at, Column, Stride);
        return Eight(tile, rows, columns, 0, left);
    }

    public static F4 Staged(F4 four) => Fragments.Rounded<M>(four);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargeTf32Tile<M> Plus(LargeTf32Tile<M> a, LargeTf32Tile<M> b) => new()
    {
        _mma = a._mma,
        _c00 = WarpBlock<M>.Plus(a._c00, b._c00),
        _c01 = WarpBlock<M>.Plus(a._c01, b._c01),
        _c10 = WarpBlock<M>.Plus(a._c10, b._c10),
        _c11 = WarpBlock<M>.Plus(a._c11, b._c11),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, LargeTf32Tile<M> tile)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        row += Row;
        column += Column;
        WarpBlock<M>.End<W, E>(p, row, column, tile._c00);
        WarpBlock<M>.End<W, E>(p, row, column + 16, tile._c01);
        WarpBlock<M>.End<W, E>(p, row + 32, column, tile._c10);
        WarpBlock<M>.End<W, E>(p, row + 32, column + 16, tile._c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LargeTf32Tile<M> Eight(LargeTf32Tile<M> tile, ArrayView<F2> rows, ArrayView<float> columns, int at, int steps)
    {
        F4 a0 = Fragments.Read(rows, at, Stride, steps), a1 = Fragments.Read(rows, at + 16, Stride, steps);
        F4 a2 = Fragments.Read(rows, at + 32, Stride, steps), a3 = Fragments.Read(rows, at + 48, Stride, steps);
        F2 b0 = Fragments.Read(columns, at, Stride, steps), b1 = Fragments.Read(columns, at + 8, Stride, steps);
        F2 b2 = Fragments.Read(columns, at + 16, Stride, steps), b3 = Fragments.Read(columns, at + 24, Stride, steps);
        tile._c00 = WarpBlock<M>.Add(tile._mma, tile._c00, a0, a1, b0, b1);
        tile._c01 = WarpBlock<M>.Add(tile._mma, tile._c01, a0, a1, b2, b3);
        tile._c10 = WarpBlock<M>.Add(tile._mma, tile._c10, a2, a3, b0, b1);
        tile._c11 = WarpBlock<M>.Add(tile._mma, tile._c11, a2, a3, b2, b3);
        return tile;
    }
}

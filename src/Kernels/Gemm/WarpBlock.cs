using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>A warp's 32 by 16 sums in TF32: two by two products of 16 by 8.</summary>
internal struct WarpBlock<M>
    where M : struct, IMma<M>
{
    private F4 _c00, _c01, _c10, _c11;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpBlock<M> Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new()
        {
            _c00 = Fragments.Begin(p, row, column),
            _c01 = Fragments.Begin(p, row, column + 8),
            _c10 = Fragments.Begin(p, row + 16, column),
            _c11 = Fragments.Begin(p, row + 16, column + 8),
        };

    /// <summary>Returns the block after eight steps of k.</summary>
    /// <param name="mma">What multiplies.</param>
    /// <param name="block">The block.</param>
    /// <param name="upper">A lane's fragment of a's first sixteen rows.</param>
    /// <param name="lower">The same of the next ones.</param>
    /// <param name="left">A lane's fragment of b's first eight columns.</param>
    /// <param name="right">The same of the next ones.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpBlock<M> Add(M mma, WarpBlock<M> block, F4 upper, F4 lower, F2 left, F2 right) => new()
    {
        _c00 = M.MultiplyAdd(mma, block._c00, upper, left),
        _c01 = M.MultiplyAdd(mma, block._c01, upper, right),
        _c10 = M.MultiplyAdd(mma, block._c10, lower, left),
        _c11 = M.MultiplyAdd(mma, block._c11, lower, right),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpBlock<M> Plus(WarpBlock<M> a, WarpBlock<M> b) => new()
    {
        _c00 = F4.Plus(a._c00, b._c00),
        _c01 = F4.Plus(a._c01, b._c01),
        _c10 = F4.Plus(a._c10, b._c10),
        _c11 = F4.Plus(a._c11, b._c11),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, WarpBlock<M> block)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        Fragments.End<W, E>(p, row, column, block._c00);
        Fragments.End<W, E>(p, row, column + 8, block._c01);
        Fragments.End<W, E>(p, row + 16, column, block._c10);
        Fragments.End<W, E>(p, row + 16, column + 8, block._c11);
    }
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Two by two sums: what the tiles for few rows are made of, so that there are many threads.</summary>
internal struct TwoByTwo
{
    private float _c00, _c01, _c10, _c11;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoByTwo Add(TwoByTwo sums, F2 a, F2 b)
    {
        sums._c00 = MathF.FusedMultiplyAdd(a.X, b.X, sums._c00);
        sums._c01 = MathF.FusedMultiplyAdd(a.X, b.Y, sums._c01);
        sums._c10 = MathF.FusedMultiplyAdd(a.Y, b.X, sums._c10);
        sums._c11 = MathF.FusedMultiplyAdd(a.Y, b.Y, sums._c11);
        return sums;
    }

    /// <summary>Adds eight steps, from places that are constants apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoByTwo Eight(TwoByTwo sums, ArrayView<F2> a, ArrayView<F2> b, int at, int stride)
    {
        sums = Add(sums, a[at], b[at]);
        sums = Add(sums, a[at + stride], b[at + stride]);
        sums = Add(sums, a[at + (2 * stride)], b[at + (2 * stride)]);
        sums = Add(sums, a[at + (3 * stride)], b[at + (3 * stride)]);
        sums = Add(sums, a[at + (4 * stride)], b[at + (4 * stride)]);
        sums = Add(sums, a[at + (5 * stride)], b[at + (5 * stride)]);
        sums = Add(sums, a[at + (6 * stride)], b[at + (6 * stride)]);
        return Add(sums, a[at + (7 * stride)], b[at + (7 * stride)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoByTwo Plus(TwoByTwo a, TwoByTwo b) => new()
    {
        _c00 = a._c00 + b._c00,
        _c01 = a._c01 + b._c01,
        _c10 = a._c10 + b._c10,
        _c11 = a._c11 + b._c11,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoByTwo Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        var sums = default(TwoByTwo);
        if (!E.Accumulates)
            return sums;
        sums._c00 = Element.Begin(p, row, column);
        sums._c01 = Element.Begin(p, row, column + 1);
        sums._c10 = Element.Begin(p, row + 1, column);
        sums._c11 = Element.Begin(p, row + 1, column + 1);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, TwoByTwo sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        EndRow<W, E>(p, row, column, sums._c00, sums._c01);
        EndRow<W, E>(p, row + 1, column, sums._c10, sums._c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EndRow<W, E>(MatMulArguments<E> p, int row, int column, float first, float second)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        if (W.IsByFour(p.Width))
        {
            if (row >= p.M || column >= p.N)
                return;
            int at = (p.Epilogue.RowOf(row) * p.N) + column;
            p.Y.Cast<F2>()[at >> 1] = new F2 { X = p.Epilogue.Of(first, at, column), Y = p.Epilogue.Of(second, at + 1, column + 1) };
            return;
        }
        Element.End(p, row, column, first);
        Element.End(p, row, column + 1, second);
    }
}

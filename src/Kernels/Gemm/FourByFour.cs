using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Four by four sums: what the tiles are made of.</summary>
internal struct FourByFour
{
    private F4 _r0, _r1, _r2, _r3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Add(FourByFour sums, F4 a, F4 b)
    {
        sums._r0 = AddRow(sums._r0, a.X, b);
        sums._r1 = AddRow(sums._r1, a.Y, b);
        sums._r2 = AddRow(sums._r2, a.Z, b);
        sums._r3 = AddRow(sums._r3, a.W, b);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        var sums = default(FourByFour);
        if (!E.Accumulates)
            return sums;
        sums._r0 = BeginRow(p, row, column);
        sums._r1 = BeginRow(p, row + 1, column);
        sums._r2 = BeginRow(p, row + 2, column);
        sums._r3 = BeginRow(p, row + 3, column);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Plus(FourByFour a, FourByFour b) => new()
    {
        _r0 = F4.Plus(a._r0, b._r0),
        _r1 = F4.Plus(a._r1, b._r1),
        _r2 = F4.Plus(a._r2, b._r2),
        _r3 = F4.Plus(a._r3, b._r3),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, FourByFour sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        EndRow<W, E>(p, row, column, sums._r0);
        EndRow<W, E>(p, row + 1, column, sums._r1);
        EndRow<W, E>(p, row + 2, column, sums._r2);
        EndRow<W, E>(p, row + 3, column, sums._r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F4 AddRow(F4 sums, float a, F4 b)
    {
        sums.X = MathF.FusedMultiplyAdd(a, b.X, sums.X);
        sums.Y = MathF.FusedMultiplyAdd(a, b.Y, sums.Y);
        sums.Z = MathF.FusedMultiplyAdd(a, b.Z, sums.Z);
        sums.W = MathF.FusedMultiplyAdd(a, b.W, sums.W);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F4 BeginRow<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue => new()
        {
            X = Element.Begin(p, row, column),
            Y = Element.Begin(p, row, column + 1),
            Z = Element.Begin(p, row, column + 2),
            W = Element.Begin(p, row, column + 3),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRow<W, E>(MatMulArguments<E> p, int row, int column, F4 sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        if (row >= p.M)
            return;
        if (W.IsByFour(p.Width))
        {
            if (column >= p.N)
                return;
            int at = (p.Epilogue.RowOf(row) * p.N) + column;
            sums.X = p.Epilogue.Of(sums.X, at, column);
            sums.Y = p.Epilogue.Of(sums.Y, at + 1, column + 1);
            sums.Z = p.Epilogue.Of(sums.Z, at + 2, column + 2);
            sums.W = p.Epilogue.Of(sums.W, at + 3, column + 3);
            p.Y.Cast<F4>()[at >> 2] = sums;
            return;
        }
        Element.End(p, row, column, sums.X);
        Element.End(p, row, column + 1, sums.Y);
        Element.End(p, row, column + 2, sums.Z);
        Element.End(p, row, column + 3, sums.W);
    }
}

/// <summary>Sixteen steps of a tile of four by four, from places that are constants apart.</summary>
internal static class SixteenSteps
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourByFour Of(FourByFour sums, ArrayView<F4> a, ArrayView<F4> b, int stride)
    {
        sums = FourByFour.Add(sums, a[0], b[0]);
        sums = FourByFour.Add(sums, a[stride], b[stride]);
        sums = FourByFour.Add(sums, a[2 * stride], b[2 * stride]);
        sums = FourByFour.Add(sums, a[3 * stride], b[3 * stride]);
        sums = FourByFour.Add(sums, a[4 * stride], b[4 * stride]);
        sums = FourByFour.Add(sums, a[5 * stride], b[5 * stride]);
        sums = FourByFour.Add(sums, a[6 * stride], b[6 * stride]);
        sums = FourByFour.Add(sums, a[7 * stride], b[7 * stride]);
        sums = FourByFour.Add(sums, a[8 * stride], b[8 * stride]);
        sums = FourByFour.Add(sums, a[9 * stride], b[9 * stride]);
        sums = FourByFour.Add(sums, a[10 * stride], b[10 * stride]);
        sums = FourByFour.Add(sums, a[11 * stride], b[11 * stride]);
        sums = FourByFour.Add(sums, a[12 * stride], b[12 * stride]);
        sums = FourByFour.Add(sums, a[13 * stride], b[13 * stride]);
        sums = FourByFour.Add(sums, a[14 * stride], b[14 * stride]);
        return FourByFour.Add(sums, a[15 * stride], b[15 * stride]);
    }
}

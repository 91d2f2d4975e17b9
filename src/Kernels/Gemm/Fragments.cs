using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// A lane's fragments, from blocks in shared memory that have k outermost.
/// </summary>
/// <remarks>
/// The lane is at g = lane / 4, t = lane mod 4. Its steps t and t + 4 of k are the steps 2t and 2t + 1 of the eight, of both operands: the
/// order within an instruction is free, and so the lanes of a warp read from different banks. Its rows g and g + 8 are neighbours, 2g and
/// 2g + 1, and read at once.
/// </remarks>
internal static class Fragments
{
    /// <summary>Gets the first of a lane's two rows of sixteen.</summary>
    public static int Row => 2 * LaneGroup;

    /// <summary>Gets the first of a lane's two columns of the result, of eight.</summary>
    public static int Column => 2 * LaneInGroup;

    private static int LaneGroup => (Group.IdxX & 31) >> 2;

    private static int LaneInGroup => Group.IdxX & 3;

    /// <summary>Returns where a lane's fragments of a are, with rows at constant distances from a first one.</summary>
    /// <param name="a">Two blocks of a.</param>
    /// <param name="at">The offset of the first step of k.</param>
    /// <param name="row">The first row.</param>
    /// <param name="stride">From a step of k to the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<F2> Rows(ArrayView<F4> a, int at, int row, int stride) =>
        a.Cast<F2>().SubView((at + (2 * LaneInGroup * stride) + row + Row) >> 1);

    /// <summary>Returns where a lane's fragments of b are, with columns at constant distances from a first one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<float> Columns(ArrayView<F4> b, int at, int column, int stride) =>
        b.Cast<float>().SubView(at + (2 * LaneInGroup * stride) + column + LaneGroup);

    /// <summary>
    /// Reads a fragment of a, without the steps of k that don't exist: both operands are 0 there, and no infinity meets a 0.
    /// </summary>
    /// <param name="rows">The lane's rows.</param>
    /// <param name="at">The offset of the sixteen rows.</param>
    /// <param name="stride">From a step of k to the next one.</param>
    /// <param name="steps">How many steps exist.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 Read(ArrayView<F2> rows, int at, int stride, int steps)
    {
        F2 first = rows[at >> 1], second = rows[(at + stride) >> 1];
        if (steps < 8)
        {
            bool one = 2 * LaneInGroup < steps, two = (2 * LaneInGroup) + 1 < steps;
            first = new F2 { X = one ? first.X : 0f, Y = one ? first.Y : 0f };
            second = new F2 { X = two ? second.X : 0f, Y = two ? second.Y : 0f };
        }
        return new F4 { X = first.X, Y = first.Y, Z = second.X, W = second.Y };
    }

    /// <summary>Reads a fragment of b in the same way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F2 Read(ArrayView<float> columns, int at, int stride, int steps)
    {
        float first = columns[at], second = columns[at + stride];
        if (steps < 8)
        {
            first = 2 * LaneInGroup < steps ? first : 0f;
            second = (2 * LaneInGroup) + 1 < steps ? second : 0f;
        }
        return new F2 { X = first, Y = second };
    }

    /// <summary>Rounds four numbers to TF32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 Rounded<M>(F4 four)
        where M : struct, IMma<M> => new() { X = M.Round(four.X), Y = M.Round(four.Y), Z = M.Round(four.Z), W = M.Round(four.W) };

    /// <summary>Returns what a lane's sums start with: two rows by two columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 Begin<E>(MatMulArguments<E> p, int row, int column)
        where E : struct, IDeviceEpilogue
    {
        if (!E.Accumulates)
            return default;
        row += Row;
        column += Column;
        return new F4
        {
            X = Element.Begin(p, row, column),
            Y = Element.Begin(p, row, column + 1),
            Z = Element.Begin(p, row + 1, column),
            W = Element.Begin(p, row + 1, column + 1),
        };
    }

    /// <summary>Stores a lane's sums by way of the epilogue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<W, E>(MatMulArguments<E> p, int row, int column, F4 sums)
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        TwoByTwo.EndRow<W, E>(p, row + Row, column + Column, sums.X, sums.Y);
        TwoByTwo.EndRow<W, E>(p, row + Row + 1, column + Column, sums.Z, sums.W);
    }
}

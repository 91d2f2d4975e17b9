using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>The terms of a column's sum, of one or two numbers each, which any thread computes.</summary>
/// <typeparam name="S">The sum: a number, or several that are added up together.</typeparam>
internal interface IColumnTerms<S>
    where S : struct
{
    /// <summary>Gets whether a term has two numbers.</summary>
    static abstract bool HasSecond { get; }

    /// <summary>Returns a term's first number, at an offset of the matrix and in a column.</summary>
    float First(long i, int c);

    /// <summary>Returns its second number, if it has one.</summary>
    float Second(long i, int c);

    /// <summary>Adds a term to a sum.</summary>
    S Add(S sum, float first, float second);
}

/// <summary>
/// Column sums on a device, each one chain over the rows as on the processor. A group has sixteen columns, two sectors of 32 bytes of
/// memory, and sixteen threads for each: all of them fetch rows into shared memory, and one adds.
/// </summary>
internal static class ColumnChains
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = Columns * Slices;

    /// <summary>Columns of a group.</summary>
    public const int Columns = 16;

    /// <summary>Threads of a column.</summary>
    public const int Slices = 16;

    private const int Rows = 128; // that are fetched at once

    /// <summary>The thread's column where groups have columns only; in the last group it may be past the last one.</summary>
    public static int Column => ColumnOf(Grid.IdxX);

    /// <summary>The thread's slice: the first of its rows.</summary>
    public static int Slice => Group.IdxX / Columns;

    /// <summary>Returns the groups for a number of columns.</summary>
    public static Index2D GridOf(int columns) => new((columns + Columns - 1) / Columns, 1);

    /// <summary>Returns the thread's column in a group of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ColumnOf(int group) => (group * Columns) + (Group.IdxX % Columns);

    /// <summary>Returns the sum of the thread's column to threads of slice 0. Every thread of the group must call it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<T>(T terms, int rows, int columns)
        where T : struct, IColumnTerms<float> => Sum<float, T>(terms, Column, 0, rows, columns);

    /// <summary>Returns the sum of some rows of a column, likewise.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="column">The thread's column.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The matrix's columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Sum<S, T>(T terms, int column, int from, int rows, int columns)
        where S : struct
        where T : struct, IColumnTerms<S>
    {
        var shared = SharedMemory.Allocate<float>(T.HasSecond ? 2 * Rows * Columns : Rows * Columns);
        int t = Group.IdxX % Columns, slice = Slice, c = column < columns ? column : columns - 1;
        S sum = default;
        for (int first = 0; first < rows; first += Rows)
        {
            int here = rows - first < Rows ? rows - first : Rows;
            for (int n = slice; n < here; n += Slices)
            {
                long i = ((long)(from + first + n) * columns) + c;
                shared[(n * Columns) + t] = terms.First(i, c);
                if (T.HasSecond)
                    shared[((Rows + n) * Columns) + t] = terms.Second(i, c);
            }
            Group.Barrier();
            if (slice == 0)
            {
                for (int n = 0; n < here; n++)
                    sum = terms.Add(sum, shared[(n * Columns) + t], T.HasSecond ? shared[((Rows + n) * Columns) + t] : 0f);
            }
            Group.Barrier();
        }
        return sum;
    }
}

/// <summary>The elements themselves.</summary>
/// <param name="X">The matrix.</param>
internal readonly record struct ElementTerms(ArrayView<float> X) : IColumnTerms<float>
{
    public static bool HasSecond => false;

    public float First(long i, int c) => X[i];

    public float Second(long i, int c) => 0f;

    public float Add(float sum, float first, float second) => sum + first;
}

/// <summary>The sums of blocks, to be added up.</summary>
/// <param name="Sums">A row for each block.</param>
internal readonly record struct SumsOfBlocks(ArrayView<float> Sums) : IColumnTerms<TwoSum<Scalar>>
{
    public static bool HasSecond => false;

    public float First(long i, int c) => Sums[i];

    public float Second(long i, int c) => 0f;

    public TwoSum<Scalar> Add(TwoSum<Scalar> sum, float first, float second) => sum.Plus(new Scalar(first));
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>The terms of a column's sum. What can be computed of each alone is, by all threads.</summary>
internal interface IColumnTerms
{
    /// <summary>Whether a term is made of two numbers.</summary>
    static abstract bool HasSecond { get; }

    /// <summary>A term's number at a place of the matrix, in a column.</summary>
    float First(long i, int c);

    /// <summary>Its other number, if it has one.</summary>
    float Second(long i, int c);

    /// <summary>The sum with a term.</summary>
    float Add(float sum, float first, float second);
}

/// <summary>
/// Sums down columns on a device, each one chain over the rows as on the processor. A group has sixteen columns, which are two of the pieces of 32 bytes that memory
/// hands out, and sixteen threads for each: all of them fetch rows into shared memory, and one adds them up.
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

    /// <summary>The column of the thread; past the last one in the last group.</summary>
    public static int Column => (Grid.IdxX * Columns) + (Group.IdxX % Columns);

    /// <summary>The slice of the thread: the first of its rows.</summary>
    public static int Slice => Group.IdxX / Columns;

    /// <summary>Groups for so many columns.</summary>
    public static Index2D GridOf(int columns) => new((columns + Columns - 1) / Columns, 1);

    /// <summary>Sums the thread's column of a matrix. Every thread of the group has to take part; those of slice 0 have the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<T>(T terms, int rows, int columns)
        where T : struct, IColumnTerms
    {
        var shared = SharedMemory.Allocate<float>(T.HasSecond ? 2 * Rows * Columns : Rows * Columns);
        int t = Group.IdxX % Columns, slice = Slice, c = Column < columns ? Column : columns - 1;
        float sum = 0f;
        for (int first = 0; first < rows; first += Rows)
        {
            int here = rows - first < Rows ? rows - first : Rows;
            for (int n = slice; n < here; n += Slices)
            {
                long i = ((long)(first + n) * columns) + c;
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
internal readonly record struct ElementTerms(ArrayView<float> X) : IColumnTerms
{
    public static bool HasSecond => false;

    public float First(long i, int c) => X[i];

    public float Second(long i, int c) => 0f;

    public float Add(float sum, float first, float second) => sum + first;
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>Prefetches cache lines into the second-level cache, three at a time. Distances are in floats.</summary>
internal unsafe struct Prefetch : IInterleavedWork
{
    /// <summary>Floats of a cache line.</summary>
    public const int CacheLine = 16;

    /// <summary>Steps of k from one piece of interleaved work to the next.</summary>
    public const int Steps = 8;

    public float* At;
    public nint Second, Third;    // from the first line to the two others
    public nint Advance;          // from three lines to the next three
    public int Left;              // calls of Next that remain
    public int Extra;             // threes of lines in a piece, beyond the first
    public int LeftInRow, PerRow; // calls of Next to the end of a row, and in a whole row; 0 where all is one row
    public nint Skip;             // from a row's end to the next row

    /// <summary>Returns the prefetch of some rows of three matrices of equal shape, a line of each at a time.</summary>
    /// <param name="first">The first number of the rows in the first matrix.</param>
    /// <param name="second">From there to the same place in the second matrix.</param>
    /// <param name="third">From there to the same place in the third one.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="pieces">How many pieces there is time for.</param>
    public static Prefetch Rows(float* first, nint second, nint third, nint stride, int rows, int columns, int pieces)
    {
        int lines = (columns + CacheLine - 1) / CacheLine;
        return new()
        {
            At = first,
            Second = second,
            Third = third,
            Advance = CacheLine,
            Left = rows * lines,
            Extra = rows * lines / Math.Max(1, pieces),
            LeftInRow = lines,
            PerRow = lines,
            Skip = stride - (lines * CacheLine),
        };
    }

    /// <summary>Returns the pieces of interleaved work in a tile of a depth.</summary>
    public static int Pieces(int depth) => (depth + Steps - 1) / Steps;

    /// <summary>Prefetches one line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(float* line)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(line);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece() => Fetch(1 + Extra);

    /// <summary>Prefetches three lines a number of times, as long as any are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(int times)
    {
        for (; times > 0 && Left > 0; times--)
        {
            Fetch(At);
            Next();
        }
    }

    /// <summary>Prefetches a line and its two companions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Fetch(float* line)
    {
        Line(line);
        Line(line + Second);
        Line(line + Third);
    }

    /// <summary>Advances to the next three lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        At += Advance;
        Left--;
        if (--LeftInRow == 0)
        {
            At += Skip;
            LeftInRow = PerRow;
        }
    }
}

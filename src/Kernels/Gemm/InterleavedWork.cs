using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>What is done while tiles of a matrix product are computed, whose multiply-adds leave half of the processor's other units idle.</summary>
internal interface IInterleavedWork
{
    /// <summary>The next little piece, before every 8 steps of k. Must be inlined: a call would empty the registers that the tile is in.</summary>
    void DoPiece();
}

/// <summary>Nothing else.</summary>
internal readonly struct NoWork : IInterleavedWork
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece()
    {
        // Nothing at all.
    }
}

/// <summary>Cache lines that are fetched into the second-level cache, three at once. Distances in floats.</summary>
internal unsafe struct Prefetch : IInterleavedWork
{
    public const int CacheLine = 16; // floats
    public const int Steps = 8;      // of k, from one piece to the next

    public float* At;
    public nint Second, Third; // from the first line to the others
    public nint On;            // from three lines to the next three
    public int Left;           // so many times three lines
    public int More;           // so many times three lines more in a piece than one
    public int InRow, OfRow;   // so many times to the end of a row, and from row to row; 0 where all is one row
    public nint Skip;          // from a row's end to the next

    /// <summary>How many pieces are done while a tile is computed.</summary>
    public static int Times(int depth) => (depth + Steps - 1) / Steps;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece() => Fetch(1 + More);

    /// <summary>Fetches so many times three lines, as far as there are any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(int times)
    {
        for (; times > 0 && Left > 0; times--)
        {
            Fetch(At);
            Advance();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        At += On;
        Left--;
        if (--InRow == 0)
        {
            At += Skip;
            InRow = OfRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Fetch(float* line)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch1(line);
        Sse.Prefetch1(line + Second);
        Sse.Prefetch1(line + Third);
    }
}

/// <summary>A panel three vectors wide that is copied, one row below the other.</summary>
internal unsafe struct PackRows<V> : IInterleavedWork
    where V : struct, IVector<V>
{
    private Prefetch _lines;
    private float* _to;

    public PackRows(float* at, nint stride, int rows, float* to)
    {
        _lines = new Prefetch { At = at, Second = V.Width, Third = 2 * V.Width, On = stride, Left = rows };
        _to = to;
        var soon = _lines;
        soon.Fetch(Packing.RowsAhead); // the others as these are copied
    }

    /// <summary>Rows that aren't copied yet.</summary>
    public readonly int Left => _lines.Left;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece()
    {
        if (_lines.Left <= 0)
            return;
        float* line = _lines.At;
        V a = V.Load(line), b = V.Load(line + V.Width), c = V.Load(line + (2 * V.Width));
        V.Store(_to, a);
        V.Store(_to + V.Width, b);
        V.Store(_to + (2 * V.Width), c);
        _to += 3 * V.Width;
        _lines.Fetch(line + (Packing.RowsAhead * _lines.On));
        _lines.Advance();
    }
}

/// <summary>
/// Rows that become columns of a panel, four of them at once and sixteen numbers of each, in squares of four: eight registers are free between a tile's steps.
/// </summary>
internal unsafe struct PackTransposed : IInterleavedWork
{
    private Prefetch _lines;
    private float* _to;
    private readonly int _rows;

    public PackTransposed(float* at, nint stride, int rows, int depth, float* to)
    {
        _lines = new Prefetch
        {
            At = at,
            Second = stride,
            Third = 2 * stride,
            On = 4 * stride,
            Left = rows / 4 * (depth / Prefetch.CacheLine),
            InRow = rows / 4,
            OfRow = rows / 4,
            Skip = Prefetch.CacheLine - (rows * stride),
        };
        _to = to;
        _rows = rows;
        for (int row = 0; Sse.IsSupported && row < rows; row++)
            Sse.Prefetch1(at + (row * stride)); // the others as these are copied
    }

    /// <summary>Numbers of each row that aren't copied yet, to a multiple of sixteen: what is left of the depth is not in it.</summary>
    public readonly int Left => (_lines.Left + _lines.OfRow - 1) / _lines.OfRow * Prefetch.CacheLine;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece()
    {
        if (_lines.Left <= 0)
            return;
        float* from = _lines.At, to = _to;
        nint stride = _lines.Second;
        _lines.Fetch(from + Prefetch.CacheLine);
        if (Sse.IsSupported)
            Sse.Prefetch1(from + (3 * stride) + Prefetch.CacheLine);
        for (float* end = from + Prefetch.CacheLine; from < end; from += 4, to += 4 * _rows)
            Packing.Transpose4x4(from, stride, to, _rows);
        _to += _lines.InRow == 1 ? 4 + ((Prefetch.CacheLine - 1) * _rows) : 4;
        _lines.Advance();
    }
}

using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// Work interleaved with a tile's steps: its multiply-adds leave half of the processor's other units idle, enough to prefetch lines or to
/// pack the next panel.
/// </summary>
internal interface IInterleavedWork
{
    /// <summary>Does the next piece, before every 8 steps of k. Must be inlined: a call would empty the registers of the tile.</summary>
    void DoPiece();
}

/// <summary>No work.</summary>
internal readonly struct NoWork : IInterleavedWork
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece()
    {
        // nothing to do
    }
}

/// <summary>Packs a panel three vectors wide, a row at a time.</summary>
internal unsafe struct PackRows<V> : IInterleavedWork
    where V : struct, IVector<V>
{
    private Prefetch _lines;
    private float* _to;

    /// <summary>Prefetches the first rows of a panel; each row that is packed prefetches a later one.</summary>
    public PackRows(float* at, nint stride, int rows, float* to)
    {
        _lines = new Prefetch { At = at, Second = V.Width, Third = 2 * V.Width, Advance = stride, Left = rows };
        _to = to;
        var first = _lines;
        first.Fetch(Packing.PrefetchedRows);
    }

    /// <summary>Rows that aren't packed yet.</summary>
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
        _lines.Fetch(line + (Packing.PrefetchedRows * _lines.Advance));
        _lines.Next();
    }
}

/// <summary>
/// Packs the rows of a transposed operand as columns of a panel: four rows and sixteen numbers of each at a time, in squares of four, for
/// which the eight registers suffice that a tile leaves.
/// </summary>
internal unsafe struct PackTransposed : IInterleavedWork
{
    private Prefetch _lines;
    private float* _to;
    private readonly int _rows;

    /// <summary>Prefetches the first line of each row; each line that is packed prefetches the next one.</summary>
    public PackTransposed(float* at, nint stride, int rows, int depth, float* to)
    {
        _lines = new Prefetch
        {
            At = at,
            Second = stride,
            Third = 2 * stride,
            Advance = 4 * stride,
            Left = rows / 4 * (depth / Prefetch.CacheLine),
            LeftInRow = rows / 4,
            PerRow = rows / 4,
            Skip = Prefetch.CacheLine - (rows * stride),
        };
        _to = to;
        _rows = rows;
        for (int row = 0; row < rows; row++)
            Prefetch.Line(at + (row * stride));
    }

    /// <summary>Numbers of each row that aren't packed yet, a multiple of sixteen: the depth's remainder is not counted.</summary>
    public readonly int Left => (_lines.Left + _lines.PerRow - 1) / _lines.PerRow * Prefetch.CacheLine;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DoPiece()
    {
        if (_lines.Left <= 0)
            return;
        float* from = _lines.At, to = _to;
        nint stride = _lines.Second;
        _lines.Fetch(from + Prefetch.CacheLine);
        Prefetch.Line(from + (3 * stride) + Prefetch.CacheLine);
        for (float* end = from + Prefetch.CacheLine; from < end; from += 4, to += 4 * _rows)
            Packing.Transpose4x4(from, stride, to, _rows);
        _to += _lines.LeftInRow == 1 ? 4 + ((Prefetch.CacheLine - 1) * _rows) : 4;
        _lines.Next();
    }
}

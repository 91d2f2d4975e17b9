using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GanFromScratch.Kernels;

/// <summary>Gathers parts of a <see cref="PatchGrid"/>'s matrix from pictures in the machine's memory.</summary>
internal static unsafe class PatchGather
{
    private const int MostOfStrip = 8;

    /// <summary>Copies what some rows of pixels need of a picture, with zeros beyond its edges.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="x">The source.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="row">The first of the grid's rows.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="to">[Stride·(rows - 1) + TapsDown, PatchedWidth, Channels]</param>
    public static void Band(in PatchGrid grid, float* x, int picture, int row, int rows, float* to)
    {
        nint line = (nint)grid.SourceWidth * grid.Channels;
        int count = grid.PatchedWidth * grid.Channels, y = (grid.Stride * row) + grid.FirstRow;
        for (int end = y + (grid.Stride * (rows - 1)) + grid.TapsDown; y < end; y++, to += count)
        {
            if ((uint)y >= (uint)grid.SourceHeight)
                Clear(to, count);
            else
                CopyWithin(x + ((((nint)picture * grid.SourceHeight) + y) * line), line, (nint)grid.FirstColumn * grid.Channels, count, to);
        }
    }

    /// <summary>Returns the floats of memory that <see cref="Strips"/> and <see cref="FindSources"/> need.</summary>
    public static int FloatsOfSources(in PatchGrid grid) =>
        (Convolution.RowsOfBlock * ((sizeof(float*) / sizeof(float)) + MostOfStrip)) + Math.Max(MostOfStrip, grid.Channels);

    /// <summary>
    /// Gathers some rows of strips of H columns, transposed: to[strip - first, m, 0..H) = patches[row + m, strip·H..strip·H+H); 0 for
    /// columns past the last one.
    /// </summary>
    /// <param name="grid">The grid.</param>
    /// <param name="x">The source.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">The number of rows, at most <see cref="Convolution.RowsOfBlock"/>.</param>
    /// <param name="first">The first strip.</param>
    /// <param name="end">The strip after the last one.</param>
    /// <param name="to">The strips.</param>
    /// <param name="stripFloats">Floats from strip to strip.</param>
    /// <param name="memory"><see cref="FloatsOfSources"/> floats.</param>
    public static void Strips<H>(
        in PatchGrid grid, float* x, int row, int rows, int first, int end, float* to, int stripFloats, float* memory)
        where H : struct, IConstant
    {
        int line = grid.TapsAcross * grid.Channels, run = grid.Channels % H.Value == 0 ? grid.Channels : H.Value;
        float** sources = (float**)memory;
        for (int strip = first, found = -1, count; strip < end; strip += count, to += (nint)count * stripFloats)
        {
            int k = strip * H.Value, within = k % run;
            if (line % H.Value != 0)
            {
                if (line % 4 == 0)
                    Pieces<H, Four>(grid, x, row, rows, k, to, memory);
                else
                    Pieces<H, One>(grid, x, row, rows, k, to, memory);
                count = 1;
                continue;
            }
            if (found != k - within)
                FindSources(grid, x, row, rows, found = k - within, run, memory);
            int together = Math.Min(end - strip, (run - within) / H.Value);
            count = together >= 4 ? 4 : together >= 2 ? 2 : 1;
            if (count == 4)
                Copy<H, Four>(sources, rows, within, to, stripFloats);
            else if (count == 2)
                Copy<H, Two>(sources, rows, within, to, stripFloats);
            else
                Copy<H, One>(sources, rows, within, to, stripFloats);
        }
    }

    // where strips don't divide lines, the columns of a strip may be of several, or past the last one; P of them are of one
    private static void Pieces<H, P>(in PatchGrid grid, float* x, int row, int rows, int k, float* to, float* memory)
        where H : struct, IConstant
        where P : struct, IConstant
    {
        float** sources = (float**)memory;
        for (int h = 0; h < H.Value; h += P.Value)
        {
            bool isThere = k + h < grid.Depth;
            if (isThere)
                FindSources(grid, x, row, rows, k + h, P.Value, memory);
            for (int m = 0; m < rows; m++)
            {
                float* piece = to + (m * H.Value) + h;
                if (P.Value == 4)
                    Vector128.Store(isThere ? Vector128.Load(sources[m]) : default, piece);
                else
                    *piece = isThere ? *sources[m] : 0;
            }
        }
    }

    /// <summary>
    /// Finds some columns of a line, of each row: in the source or, of what reaches over its edge, in memory, with zeros.
    /// </summary>
    /// <param name="grid">The grid.</param>
    /// <param name="x">The source.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">The number of rows, at most <see cref="Convolution.RowsOfBlock"/>.</param>
    /// <param name="k">The first column.</param>
    /// <param name="count">The number of columns.</param>
    /// <param name="memory"><see cref="FloatsOfSources"/> floats, which begin with the places.</param>
    public static void FindSources(in PatchGrid grid, float* x, int row, int rows, int k, int count, float* memory)
    {
        float** sources = (float**)memory;
        float* edges = memory + (Convolution.RowsOfBlock * (sizeof(float*) / sizeof(float))), zeros = edges + (rows * MostOfStrip);
        Clear(zeros, count);
        int patchLine = grid.TapsAcross * grid.Channels, v = k / patchLine, pixels = grid.Height * grid.Width;
        int line = grid.SourceWidth * grid.Channels, step = grid.Stride * grid.Channels, width = grid.Width;
        int n = row / pixels, i = (row - (n * pixels)) / width, j = row - (n * pixels) - (i * width);
        for (int m = 0; m < rows; j = 0)
        {
            int y = (grid.Stride * i) + grid.FirstRow + v, at = (step * j) + (grid.FirstColumn * grid.Channels) + (k - (v * patchLine));
            float* from = x + ((((nint)n * grid.SourceHeight) + y) * line);
            bool isWithin = (uint)y < (uint)grid.SourceHeight;
            for (; j < width && m < rows; j++, m++, at += step)
            {
                if (isWithin && at >= 0 && at <= line - count)
                    sources[m] = from + at;
                else if (!isWithin || at <= -count || at >= line)
                    sources[m] = zeros;
                else
                    CopyWithin(from, line, at, count, sources[m] = edges + (m * MostOfStrip));
            }
            if (++i == grid.Height)
                (n, i) = (n + 1, 0);
        }
    }

    // S strips of one run, side by side in the source
    private static void Copy<H, S>(float** sources, int rows, int within, float* to, int stripFloats)
        where H : struct, IConstant
        where S : struct, IConstant
    {
        for (int m = 0; m < rows; m++, to += H.Value)
        {
            float* from = sources[m] + within;
            Copy<H>(from, to);
            if (S.Value >= 2)
                Copy<H>(from + H.Value, to + stripFloats);
            if (S.Value < 4)
                continue;
            Copy<H>(from + (2 * H.Value), to + (2 * stripFloats));
            Copy<H>(from + (3 * H.Value), to + (3 * stripFloats));
        }
    }

    // to[0..count) = line[at..at+count), 0 outside of the line
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWithin(float* line, nint length, nint at, int count, float* to)
    {
        int before = (int)Math.Clamp(-at, 0, count), end = (int)Math.Clamp(length - at, before, count);
        if (before > 0)
            Clear(to, before);
        new Span<float>(line + at + before, end - before).CopyTo(new(to + before, end - before));
        if (end < count)
            Clear(to + end, count - end);
    }

    private static void Clear(float* to, int count) => new Span<float>(to, count).Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<H>(float* from, float* to)
        where H : struct, IConstant
    {
        if (H.Value == 8)
            Vector256.Store(Vector256.Load(from), to);
        else
            Vector128.Store(Vector128.Load(from), to);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GanFromScratch.Kernels;

/// <summary>Gathers parts of a <see cref="PatchGrid"/>'s matrix from pictures in the machine's memory.</summary>
internal static unsafe class PatchGather
{
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

    /// <summary>
    /// Gathers some rows of strips of H columns, transposed: to[strip - first, m, 0..H) = patches[row + m, strip·H..strip·H+H); 0 for
    /// columns past the last one.
    /// </summary>
    public static void Strips<H>(in PatchGrid grid, float* x, int row, int rows, int first, int end, float* to, int stripFloats)
        where H : struct, IConstant
    {
        for (int strip = first, count; strip < end; strip += count, to += (nint)count * stripFloats)
        {
            int k = strip * H.Value, together = grid.Channels % H.Value == 0 ? (grid.Channels - (k % grid.Channels)) / H.Value : 0;
            together = Math.Min(together, end - strip);
            count = together >= 4 ? 4 : together >= 2 ? 2 : 1;
            if (count == 4)
                Columns<H, Four>(grid, x, row, rows, k, to, H.Value, stripFloats);
            else if (count == 2)
                Columns<H, Two>(grid, x, row, rows, k, to, H.Value, stripFloats);
            else if (together == 1)
                Columns<H, One>(grid, x, row, rows, k, to, H.Value, stripFloats);
            else
                OneByOne<H>(grid, x, row, rows, k, to);
        }
    }

    // the columns of a strip may be of two taps, or none
    private static void OneByOne<H>(in PatchGrid grid, float* x, int row, int rows, int k, float* to)
        where H : struct, IConstant
    {
        for (int h = 0; h < H.Value; h++)
        {
            if (k + h < grid.Depth)
            {
                Columns<One, One>(grid, x, row, rows, k + h, to + h, H.Value, 0);
                continue;
            }
            for (int m = 0; m < rows; m++)
                to[(m * H.Value) + h] = 0;
        }
    }

    // S strips of one tap, side by side in the source: a line of pixels is found once for all of them
    private static void Columns<H, S>(in PatchGrid grid, float* x, int row, int rows, int k, float* to, int stride, int stripFloats)
        where H : struct, IConstant
        where S : struct, IConstant
    {
        int tap = k / grid.Channels, v = tap / grid.TapsAcross, u = tap - (v * grid.TapsAcross);
        int pixels = grid.Height * grid.Width, step = grid.Stride * grid.Channels;
        nint line = (nint)grid.SourceWidth * grid.Channels;
        int n = row / pixels, i = (row - (n * pixels)) / grid.Width, j = row - (n * pixels) - (i * grid.Width);
        // the columns of the grid whose tap is within the picture
        int column = grid.FirstColumn + u;
        int firstWithin = column >= 0 ? 0 : (-column + grid.Stride - 1) / grid.Stride;
        int endWithin = grid.SourceWidth <= column ? 0 : ((grid.SourceWidth - column - 1) / grid.Stride) + 1;
        for (int end = row + rows; row < end;)
        {
            int endOfLine = Math.Min(grid.Width, j + (end - row)), y = (grid.Stride * i) + grid.FirstRow + v;
            row += endOfLine - j;
            bool isWithin = (uint)y < (uint)grid.SourceHeight;
            int first = isWithin ? Math.Clamp(firstWithin, j, endOfLine) : endOfLine, last = Math.Clamp(endWithin, first, endOfLine);
            for (; j < first; j++, to += stride)
                Zero<H, S>(to, stripFloats);
            float* from = x + (((n * grid.SourceHeight) + y) * line) + ((nint)((grid.Stride * j) + column) * grid.Channels)
                + (k - (tap * grid.Channels));
            for (; j < last; j++, to += stride, from += step)
                Copy<H, S>(from, to, stripFloats);
            for (; j < endOfLine; j++, to += stride)
                Zero<H, S>(to, stripFloats);
            if (j < grid.Width)
                continue;
            j = 0;
            if (++i < grid.Height)
                continue;
            i = 0;
            n++;
        }
    }

    // to[0..count) = line[at..at+count), 0 outside of the line
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWithin(float* line, nint length, nint at, int count, float* to)
    {
        int before = (int)Math.Clamp(-at, 0, count), end = (int)Math.Clamp(length - at, before, count);
        if (before > 0)
            Clear(to, before);
        Packing.Copy(line + at + before, 0, 1, end - before, to + before, 0, end - before);
        if (end < count)
            Clear(to + end, count - end);
    }

    private static void Clear(float* to, int count) => new Span<float>(to, count).Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<H, S>(float* from, float* to, int stripFloats)
        where H : struct, IConstant
        where S : struct, IConstant
    {
        Copy<H>(from, to);
        if (S.Value >= 2)
            Copy<H>(from + H.Value, to + stripFloats);
        if (S.Value < 4)
            return;
        Copy<H>(from + (2 * H.Value), to + (2 * stripFloats));
        Copy<H>(from + (3 * H.Value), to + (3 * stripFloats));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zero<H, S>(float* to, int stripFloats)
        where H : struct, IConstant
        where S : struct, IConstant
    {
        for (int strip = 0; strip < S.Value; strip++, to += stripFloats)
            Zero<H>(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<H>(float* from, float* to)
        where H : struct, IConstant
    {
        if (H.Value == 8)
            Vector256.Store(Vector256.Load(from), to);
        else if (H.Value == 4)
            Vector128.Store(Vector128.Load(from), to);
        else
            *to = *from;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zero<H>(float* to)
        where H : struct, IConstant
    {
        if (H.Value == 8)
            Vector256.Store(Vector256<float>.Zero, to);
        else if (H.Value == 4)
            Vector128.Store(Vector128<float>.Zero, to);
        else
            *to = 0;
    }
}

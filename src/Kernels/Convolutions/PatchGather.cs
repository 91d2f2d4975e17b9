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
    /// Gathers some rows of some columns, transposed: to[m, 0..H) = patches[row + m, k..k+H); 0 for columns past the last one.
    /// </summary>
    public static void Columns<H>(in PatchGrid grid, float* x, int row, int rows, int k, float* to)
        where H : struct, IConstant
    {
        if (grid.Channels % H.Value == 0)
        {
            Column<H>(grid, x, row, rows, k, to, H.Value);
            return;
        }
        for (int h = 0; h < H.Value; h++)
        {
            if (k + h < grid.Depth)
            {
                Column<One>(grid, x, row, rows, k + h, to + h, H.Value);
                continue;
            }
            for (int m = 0; m < rows; m++)
                to[(m * H.Value) + h] = 0;
        }
    }

    // Some columns of one tap, side by side in the source.
    private static void Column<H>(in PatchGrid grid, float* x, int row, int rows, int k, float* to, int stride)
        where H : struct, IConstant
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
                Zero<H>(to);
            float* from = x + (((n * grid.SourceHeight) + y) * line) + ((nint)((grid.Stride * j) + column) * grid.Channels)
                + (k - (tap * grid.Channels));
            for (; j < last; j++, to += stride, from += step)
                Copy<H>(from, to);
            for (; j < endOfLine; j++, to += stride)
                Zero<H>(to);
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

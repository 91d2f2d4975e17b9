using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>
/// Packs parts of matrices for the micro-kernel. Strides are in floats; each row of the copy is padded with zeros up to <c>fill</c>.
/// </summary>
internal static unsafe class Packing
{
    /// <summary>Rows to prefetch ahead of the one that is packed: hardware doesn't prefetch lines so far apart.</summary>
    public const int PrefetchedRows = 12;

    private const int CacheLine = Prefetch.CacheLine;

    /// <summary>to[r, c] = from[r, c]</summary>
    public static void Copy(float* from, nint fromStride, int rows, int columns, float* to, nint toStride, int fill)
    {
        for (int r = 0; r < rows; r++, from += fromStride, to += toStride)
        {
            if (Sse.IsSupported)
            {
                // a prefetch past the end does no harm
                for (int line = 0; line < columns; line += CacheLine)
                    Sse.Prefetch0(from + (PrefetchedRows * fromStride) + line);
            }
            int i = 0;
            for (; i <= columns - Vector512<float>.Count; i += Vector512<float>.Count)
                Vector512.Store(Vector512.Load(from + i), to + i);
            for (; i <= columns - Vector256<float>.Count; i += Vector256<float>.Count)
                Vector256.Store(Vector256.Load(from + i), to + i);
            for (; i < columns; i++)
                to[i] = from[i];
            for (; i < fill; i++)
                to[i] = 0;
        }
    }

    /// <summary>H columns side by side: to[r, 0..H) = from[r, 0..H).</summary>
    public static void Strip<H>(float* from, nint fromStride, int rows, float* to)
        where H : struct, IConstant
    {
        for (int r = 0; r < rows; r++, from += fromStride, to += H.Value)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(from + (PrefetchedRows * fromStride));
            if (H.Value == 8)
                Vector256.Store(Vector256.Load(from), to);
            else
                Vector128.Store(Vector128.Load(from), to);
        }
    }

    /// <summary>to[c, r] = from[r, c], in squares of eight or four where the machine can.</summary>
    public static void Transpose(float* from, nint fromStride, int rows, int columns, float* to, nint toStride, int fill)
    {
        int done = 0;
        for (; Avx.IsSupported && done <= rows - 16; done += 16, from += 16 * fromStride, to += 16)
        {
            int c = 0;
            for (; c <= columns - 8; c += 8) // two squares: the copy's rows are written by whole cache lines
            {
                Transpose8x8(from + c, fromStride, to + (c * toStride), toStride);
                Transpose8x8(from + (8 * fromStride) + c, fromStride, to + (c * toStride) + 8, toStride);
            }
            OneByOne(from, fromStride, 16, c, columns, to, toStride);
        }
        for (; Avx.IsSupported && done <= rows - 8; done += 8, from += 8 * fromStride, to += 8)
        {
            int c = 0;
            for (; c <= columns - 8; c += 8)
                Transpose8x8(from + c, fromStride, to + (c * toStride), toStride);
            OneByOne(from, fromStride, 8, c, columns, to, toStride);
        }
        for (; done <= rows - 4; done += 4, from += 4 * fromStride, to += 4)
        {
            int c = 0;
            for (; c <= columns - 4; c += 4)
                Transpose4x4(from + c, fromStride, to + (c * toStride), toStride);
            OneByOne(from, fromStride, 4, c, columns, to, toStride);
        }
        OneByOne(from, fromStride, rows - done, 0, columns, to, toStride);
        for (int c = 0; c < columns && rows < fill; c++)
            new Span<float>(to + (c * toStride) + rows - done, fill - rows).Clear();
    }

    /// <summary>Some rows' columns from c on.</summary>
    private static void OneByOne(float* from, nint fromStride, int rows, int c, int columns, float* to, nint toStride)
    {
        for (; c < columns; c++)
        {
            for (int r = 0; r < rows; r++)
                to[(c * toStride) + r] = from[(r * fromStride) + c];
        }
    }

    /// <summary>A 4x4 square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4x4(float* from, nint fromStride, float* to, nint toStride)
    {
        if (!Sse.IsSupported)
        {
            OneByOne(from, fromStride, 4, 0, 4, to, toStride);
            return;
        }
        Vector128<float> r0 = Vector128.Load(from), r1 = Vector128.Load(from + fromStride);
        Vector128<float> r2 = Vector128.Load(from + (2 * fromStride)), r3 = Vector128.Load(from + (3 * fromStride));
        Vector128<float> low01 = Sse.UnpackLow(r0, r1), high01 = Sse.UnpackHigh(r0, r1);
        Vector128<float> low23 = Sse.UnpackLow(r2, r3), high23 = Sse.UnpackHigh(r2, r3);
        Vector128.Store(Sse.MoveLowToHigh(low01, low23), to);
        Vector128.Store(Sse.MoveHighToLow(low23, low01), to + toStride);
        Vector128.Store(Sse.MoveLowToHigh(high01, high23), to + (2 * toStride));
        Vector128.Store(Sse.MoveHighToLow(high23, high01), to + (3 * toStride));
    }

    /// <summary>An 8x8 square: pairs of rows four apart are loaded into one register's halves, then transposed within them.</summary>
    private static void Transpose8x8(float* from, nint fromStride, float* to, nint toStride)
    {
        for (int half = 0; half < 2; half++, from += 4, to += 4 * toStride)
        {
            var r0 = Vector256.Create(Vector128.Load(from), Vector128.Load(from + (4 * fromStride)));
            var r1 = Vector256.Create(Vector128.Load(from + fromStride), Vector128.Load(from + (5 * fromStride)));
            var r2 = Vector256.Create(Vector128.Load(from + (2 * fromStride)), Vector128.Load(from + (6 * fromStride)));
            var r3 = Vector256.Create(Vector128.Load(from + (3 * fromStride)), Vector128.Load(from + (7 * fromStride)));
            var low01 = Avx.UnpackLow(r0, r1);
            var high01 = Avx.UnpackHigh(r0, r1);
            var low23 = Avx.UnpackLow(r2, r3);
            var high23 = Avx.UnpackHigh(r2, r3);
            Vector256.Store(Avx.Shuffle(low01, low23, 0b01_00_01_00), to);
            Vector256.Store(Avx.Shuffle(low01, low23, 0b11_10_11_10), to + toStride);
            Vector256.Store(Avx.Shuffle(high01, high23, 0b01_00_01_00), to + (2 * toStride));
            Vector256.Store(Avx.Shuffle(high01, high23, 0b11_10_11_10), to + (3 * toStride));
        }
    }
}

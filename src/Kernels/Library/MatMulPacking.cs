using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>Copies a block of B, [depth, width], so that each step of k finds its <c>stride</c> numbers side by side; zeros fill the surplus.</summary>
internal static unsafe class Packing
{
    private const int CacheLine = 16, RowsAhead = 12; // floats; rows

    /// <summary>From B as it is: rows of k.</summary>
    public static void Plain(float* b, nint bStride, int depth, int width, int stride, float* packed)
    {
        for (int k = 0; k < depth; k++, b += bStride, packed += stride)
        {
            if (Sse.IsSupported)
            {
                // Rows lie too far apart for the processor to guess the next: 4-5 % of a training step. Reaching past the end does no harm.
                for (int line = 0; line < width; line += CacheLine)
                    Sse.Prefetch0(b + (RowsAhead * bStride) + line);
            }
            int i = 0;
            for (; i <= width - Vector256<float>.Count; i += Vector256<float>.Count)
                Vector256.Store(Vector256.Load(b + i), packed + i);
            for (; i < width; i++)
                packed[i] = b[i];
            for (; i < stride; i++)
                packed[i] = 0;
        }
    }

    /// <summary>From Bᵀ: rows of n, transposed in squares of eight where the machine can.</summary>
    public static void Transposed(float* b, nint bStride, int depth, int width, int stride, float* packed)
    {
        int column = 0;
        for (; Avx.IsSupported && column <= width - 8; column += 8)
        {
            int k = 0;
            for (; k <= depth - 8; k += 8)
                Transpose8x8(b + (column * bStride) + k, bStride, packed + ((nint)k * stride) + column, stride);
            for (; k < depth; k++)
            {
                for (int i = 0; i < 8; i++)
                    packed[((nint)k * stride) + column + i] = b[((column + i) * bStride) + k];
            }
        }
        for (; column < stride; column++)
        {
            for (int k = 0; k < depth; k++)
                packed[((nint)k * stride) + column] = column < width ? b[(column * bStride) + k] : 0;
        }
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

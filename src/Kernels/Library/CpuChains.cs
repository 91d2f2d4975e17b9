using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>The terms of a column's sum on the processor.</summary>
internal interface IChainTerms
{
    /// <summary>Adds a term to a sum.</summary>
    /// <param name="sum">The sum so far.</param>
    /// <param name="i">The term's offset in the matrix.</param>
    /// <param name="c">Its column.</param>
    V Add<V>(V sum, nint i, int c)
        where V : struct, IFloatLane<V>;
}

/// <summary>
/// Column sums on the processor, each one chain over the rows. Four vectors of columns go side by side, or a sum would wait for each
/// addition.
/// </summary>
internal static unsafe class CpuChains
{
    /// <summary>Columns that are summed at once.</summary>
    public const int Columns = 4 * Simd.Lanes;

    /// <summary>sums[c] = the sum of a column over some rows, for the columns c to end, exclusive.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="first">The offset of the first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="stride">The matrix's columns.</param>
    /// <param name="sums">An element for each column.</param>
    /// <param name="c">The first column.</param>
    /// <param name="end">The column after the last.</param>
    public static void Sum<T>(T terms, nint first, int rows, nint stride, float* sums, int c, int end)
        where T : struct, IChainTerms
    {
        nint past = first + (rows * stride);
        for (; c <= end - Columns; c += Columns)
        {
            Simd s0 = Simd.Of(0f), s1 = s0, s2 = s0, s3 = s0;
            for (nint row = first; row < past; row += stride)
            {
                s0 = terms.Add(s0, row + c, c);
                s1 = terms.Add(s1, row + c + 16, c + 16);
                s2 = terms.Add(s2, row + c + 32, c + 32);
                s3 = terms.Add(s3, row + c + 48, c + 48);
            }
            Simd.Store(sums + c, s0);
            Simd.Store(sums + c + 16, s1);
            Simd.Store(sums + c + 32, s2);
            Simd.Store(sums + c + 48, s3);
        }
        for (; c <= end - Simd.Lanes; c += Simd.Lanes)
            Simd.Store(sums + c, Down<Simd, T>(terms, first, past, stride, c));
        for (; c < end; c++)
            Scalar.Store(sums + c, Down<Scalar, T>(terms, first, past, stride, c));
    }

    private static V Down<V, T>(T terms, nint first, nint past, nint stride, int c)
        where V : struct, IFloatLane<V>
        where T : struct, IChainTerms
    {
        V sum = V.Of(0f);
        for (nint row = first; row < past; row += stride)
            sum = terms.Add(sum, row + c, c);
        return sum;
    }
}

/// <summary>The elements themselves.</summary>
internal readonly unsafe struct ElementChain(float* x) : IChainTerms
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Add<V>(V sum, nint i, int c)
        where V : struct, IFloatLane<V> => sum + V.Load(x + i);
}

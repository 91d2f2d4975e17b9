using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

// x[n,d] y[n,d]

/// <summary>
/// The kernel distance between two sets of features, computed like KID (Bińkowski et al., 2018): the squared maximum mean discrepancy under
/// k(x, y) = (x·y / d + 1)³. Its expectation is 0 for two sets of one distribution, of any size; a single value may be below 0.
/// </summary>
internal static class KernelDistance
{
    private const int Subsets = 10;
    private const int MaxSubsetRows = 1000;

    /// <summary>The metric: the distance between the pictures and the test pictures.</summary>
    public static QualityValue Of(Comparison sets) => Between(sets.Gram, sets.Pictures.Rows, sets.Test.Rows, sets.Random);

    /// <summary>
    /// Computes the distance between two sets: the mean over ten subsets of at most 1,000 rows each. Subsets are disjoint, unlike those of
    /// the paper, so that their deviation over √10 is the standard error of the mean.
    /// </summary>
    /// <param name="gram">Multiplies features.</param>
    /// <param name="a">[n, d]; at least twenty rows.</param>
    /// <param name="b">[m, d], likewise.</param>
    /// <param name="random">Picks the rows of subsets: sets may be sorted.</param>
    /// <returns>The mean over subsets and its standard error.</returns>
    public static (double Mean, double Error) Between(GramBlocks gram, float[] a, float[] b, RandomStream random)
    {
        int size = Math.Min(MaxSubsetRows, Math.Min(a.Length, b.Length) / gram.Width / Subsets);
        float[] rowsA = Subsample.Rows(a, gram.Width, Subsets * size, random);
        float[] rowsB = Subsample.Rows(b, gram.Width, Subsets * size, random);
        return MeanAndError.Of(Enumerable.Range(0, Subsets).Select(subset =>
        {
            int from = subset * size * gram.Width, length = size * gram.Width;
            return Unbiased(gram, rowsA.AsMemory(from, length), rowsB.AsMemory(from, length));
        }));
    }

    /// <summary>Computes the unbiased estimate: mean k(xᵢ, xⱼ) + mean k(yᵢ, yⱼ) over i ≠ j, minus 2 · mean k(xᵢ, yⱼ) over all.</summary>
    internal static double Unbiased(GramBlocks gram, ReadOnlyMemory<float> x, ReadOnlyMemory<float> y)
    {
        double n = x.Length / gram.Width;
        double within = Sum(gram, x, x, skipDiagonal: true) + Sum(gram, y, y, skipDiagonal: true);
        return (within / (n * (n - 1))) - (2 * Sum(gram, x, y, skipDiagonal: false) / (n * n));
    }

    private static double Sum(GramBlocks gram, ReadOnlyMemory<float> x, ReadOnlyMemory<float> y, bool skipDiagonal)
    {
        int columns = y.Length / gram.Width;
        double sum = 0;
        foreach (var (first, products) in gram.Blocks(x, y))
        {
            for (int i = 0; i < products.Length; i++)
            {
                if (skipDiagonal && first + (i / columns) == i % columns)
                    continue;
                double k = (products[i] / (double)gram.Width) + 1;
                sum += k * k * k;
            }
        }
        return sum;
    }
}

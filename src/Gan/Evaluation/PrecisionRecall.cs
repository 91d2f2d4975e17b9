namespace GanFromScratch.Gan.Evaluation;

// real[n,d] made[n,d]

/// <summary>
/// Precision and recall of a generator (Kynkäänniemi et al., 2019): each set of features is widened to the union of balls around its rows, each as large
/// as reaches the k-th nearest other row. Precision is the share of made pictures within the real ones' balls: how many look real. Recall is the share of
/// real ones within the made ones' balls: how much of the real variety is made.
/// </summary>
/// <param name="Precision">From 0 to 1.</param>
/// <param name="Recall">From 0 to 1.</param>
internal readonly record struct PrecisionRecall(double Precision, double Recall)
{
    private const int K = 3;

    /// <summary>Both, of the first rows of the larger set, as many as the smaller one has: balls shrink as a set grows.</summary>
    /// <param name="gram">What multiplies.</param>
    /// <param name="real">[n, d]; more than three rows.</param>
    /// <param name="made">[m, d], likewise.</param>
    /// <param name="threads">Threads that compare.</param>
    public static PrecisionRecall Of(GramBlocks gram, float[] real, float[] made, int threads)
    {
        int length = Math.Min(real.Length, made.Length), n = length / gram.Width;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var reals = new Balls(gram, real.AsMemory(0, length), options);
        var mades = new Balls(gram, made.AsMemory(0, length), options);
        bool[] looksReal = new bool[n], isMade = new bool[n];
        foreach (var (first, products) in gram.Blocks(mades.Rows, reals.Rows))
        {
            Parallel.For(0, products.Length / n, options, row =>
            {
                int i = first + row;
                for (int j = 0; j < n; j++)
                {
                    float distance = SquaredDistance(mades.Squares[i], reals.Squares[j], products[(row * n) + j]);
                    looksReal[i] |= distance <= reals.SquaredRadii[j];
                    if (distance <= mades.SquaredRadii[i])
                        isMade[j] = true; // whoever comes first
                }
            });
        }
        return new PrecisionRecall(looksReal.Count(yes => yes) / (double)n, isMade.Count(yes => yes) / (double)n);
    }

    private static float SquaredDistance(float squareA, float squareB, float product) => Math.Max(0, squareA + squareB - (2 * product));

    /// <summary>Rows, their squared lengths, and their balls' squared radii.</summary>
    private sealed class Balls
    {
        public Balls(GramBlocks gram, ReadOnlyMemory<float> rows, ParallelOptions options)
        {
            Rows = rows;
            int n = rows.Length / gram.Width;
            Squares = new float[n];
            for (int i = 0; i < n; i++)
            {
                foreach (float x in rows.Span.Slice(i * gram.Width, gram.Width))
                    Squares[i] += x * x;
            }
            SquaredRadii = new float[n];
            foreach (var (first, products) in gram.Blocks(rows, rows))
                Parallel.For(0, products.Length / n, options, row => SquaredRadii[first + row] = SquaredRadius(first + row, products.AsSpan(row * n, n)));
        }

        public ReadOnlyMemory<float> Rows { get; }

        public float[] Squares { get; }

        public float[] SquaredRadii { get; }

        private float SquaredRadius(int i, ReadOnlySpan<float> products)
        {
            Span<float> nearest = stackalloc float[K];
            nearest.Fill(float.PositiveInfinity);
            for (int j = 0; j < products.Length; j++)
            {
                float distance = SquaredDistance(Squares[i], Squares[j], products[j]);
                if (j == i || distance >= nearest[^1])
                    continue;
                int at = K - 1;
                for (; at > 0 && nearest[at - 1] > distance; at--)
                    nearest[at] = nearest[at - 1];
                nearest[at] = distance;
            }
            return nearest[^1];
        }
    }
}

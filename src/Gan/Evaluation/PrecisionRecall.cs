namespace GanFromScratch.Gan.Evaluation;

// real[n,d] generated[n,d]

/// <summary>
/// Precision and recall of a generator (Kynkäänniemi et al., 2019). The manifold of a set is the union of balls around its rows, with the
/// distance to the k-th nearest other row as radius. Precision is the share of generated pictures within the real manifold; recall is the
/// share of real pictures within the generated manifold.
/// </summary>
/// <param name="Precision">From 0 to 1.</param>
/// <param name="Recall">From 0 to 1.</param>
internal readonly record struct PrecisionRecall(double Precision, double Recall)
{
    private const int K = 3;

    /// <summary>Computes both, on as many rows of each set as the smaller one has: balls shrink as a set grows.</summary>
    /// <param name="gram">Multiplies features.</param>
    /// <param name="real">[n, d]; more than three rows.</param>
    /// <param name="generated">[m, d], likewise.</param>
    /// <param name="threads">Threads.</param>
    public static PrecisionRecall Of(GramBlocks gram, float[] real, float[] generated, int threads)
    {
        int length = Math.Min(real.Length, generated.Length), n = length / gram.Width;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var reals = new Manifold(gram, real.AsMemory(0, length), options);
        var fakes = new Manifold(gram, generated.AsMemory(0, length), options);
        bool[] inReal = new bool[n], inGenerated = new bool[n];
        foreach (var (first, products) in gram.Blocks(fakes.Rows, reals.Rows))
        {
            Parallel.For(0, products.Length / n, options, row =>
            {
                int i = first + row;
                for (int j = 0; j < n; j++)
                {
                    float distance = SquaredDistance(fakes.Squares[i], reals.Squares[j], products[(row * n) + j]);
                    inReal[i] |= distance <= reals.SquaredRadii[j];
                    if (distance <= fakes.SquaredRadii[i])
                        inGenerated[j] = true; // threads may race: all write true
                }
            });
        }
        return new PrecisionRecall(inReal.Count(yes => yes) / (double)n, inGenerated.Count(yes => yes) / (double)n);
    }

    private static float SquaredDistance(float squareA, float squareB, float product) => Math.Max(0, squareA + squareB - (2 * product));

    /// <summary>The rows of a set, their squared lengths, and the squared radii of their balls.</summary>
    private sealed class Manifold
    {
        public Manifold(GramBlocks gram, ReadOnlyMemory<float> rows, ParallelOptions options)
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
            {
                Parallel.For(0, products.Length / n, options, row =>
                    SquaredRadii[first + row] = SquaredRadius(first + row, products.AsSpan(row * n, n)));
            }
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

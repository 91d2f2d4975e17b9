namespace GanFromScratch.Gan.Evaluation;

/// <summary>How many pictures of each class there are.</summary>
/// <param name="Counts">[classes].</param>
internal sealed record ClassHistogram(IReadOnlyList<int> Counts)
{
    /// <summary>Counts classes.</summary>
    public static ClassHistogram Of(ReadOnlySpan<byte> classes)
    {
        var counts = new int[Classifier.Classes];
        foreach (byte c in classes)
            counts[c]++;
        return new ClassHistogram(counts);
    }

    /// <summary>The share of a class.</summary>
    public double Share(int c) => (double)Counts[c] / Counts.Sum();

    /// <summary>The Kullback-Leibler divergence of these shares from others, Σ p ln(p / q): infinite where there is a class that the others lack.</summary>
    public double DivergenceFrom(ClassHistogram other) =>
        Enumerable.Range(0, Counts.Count).Where(c => Counts[c] > 0).Sum(c => Share(c) * Math.Log(Share(c) / other.Share(c)));
}

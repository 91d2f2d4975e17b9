namespace GanFromScratch.Gan.Runs;

/// <summary>Equal bins over a range.</summary>
/// <param name="Low">The lower end of the first bin.</param>
/// <param name="High">The upper end of the last one.</param>
internal readonly record struct Histogram(float Low, float High)
{
    /// <summary>The number of bins.</summary>
    public const int Bins = 24;

    /// <summary>Returns the bins that hold all of some values; of none, or of one value alone, they are around it.</summary>
    public static Histogram Over(IReadOnlyCollection<float> values)
    {
        float low = values.DefaultIfEmpty(0f).Min(), high = values.DefaultIfEmpty(0f).Max();
        return low < high ? new Histogram(low, high) : new Histogram(low - 0.5f, low + 0.5f);
    }

    /// <summary>Returns the upper end of a bin.</summary>
    public double Edge(int bin) => Low + (((double)High - Low) * (bin + 1) / Bins);

    /// <summary>Counts the values in each bin.</summary>
    public int[] Count(IEnumerable<float> values)
    {
        var counts = new int[Bins];
        foreach (float value in values)
            counts[Math.Clamp((int)(((double)value - Low) / ((double)High - Low) * Bins), 0, Bins - 1)]++;
        return counts;
    }
}

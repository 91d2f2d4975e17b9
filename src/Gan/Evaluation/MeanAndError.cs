namespace GanFromScratch.Gan.Evaluation;

/// <summary>Computes the mean of a sample and its standard error.</summary>
internal static class MeanAndError
{
    /// <summary>Computes the mean, and its standard error: the deviation over the root of the sample size; 0 for one value.</summary>
    public static (double Mean, double Error) Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average(), squares = all.Sum(value => (value - mean) * (value - mean));
        return (mean, all.Length > 1 ? Math.Sqrt(squares / (all.Length - 1) / all.Length) : 0);
    }
}

using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// The metrics of all steps of a run in bounded memory: means over stretches of equally many steps, which double when there are too many.
/// What it holds follows from the steps alone, and it is floats, as a checkpoint has them: so a resumed run holds the same.
/// </summary>
/// <param name="metrics">The metrics that are kept.</param>
internal sealed class StepMeans(IReadOnlyList<Metric> metrics)
{
    private const int Most = 1000;

    private readonly float[] _means = new float[Most * metrics.Count];
    private int _steps;

    /// <summary>Steps of a stretch: a power of two.</summary>
    public int Width { get; private set; } = 1;

    /// <summary>The means [stretches, metrics]; the last stretch may not be over. NaN where a step's value is unknown.</summary>
    public ReadOnlySpan<float> Values => _means.AsSpan(0, metrics.Count * Stretches);

    private int Stretches => (_steps + Width - 1) / Width;

    /// <summary>Returns the middle of a stretch, in steps.</summary>
    public double Middle(int stretch) => ((stretch * (double)Width) + 1 + Math.Min((stretch + 1.0) * Width, _steps)) / 2;

    /// <summary>Restores what was held after so many steps.</summary>
    /// <param name="steps">Steps taken.</param>
    /// <param name="values">Those of <see cref="Values"/>; if they are more or fewer, a program that kept them otherwise wrote them, and
    /// they stay unknown.</param>
    public void Restore(int steps, ReadOnlySpan<float> values)
    {
        _steps = steps;
        while (steps > (long)Most * Width)
            Width *= 2;
        _means.AsSpan(0, Values.Length).Fill(float.NaN);
        if (values.Length == Values.Length)
            values.CopyTo(_means);
    }

    /// <summary>Adds the next step.</summary>
    /// <param name="step">Its number in the run, from 1.</param>
    /// <param name="values">Its metrics.</param>
    public void Add(int step, MetricValues values)
    {
        if (step > (long)Most * Width)
            Halve();
        _steps = step;
        int first = (step - 1) / Width * metrics.Count, count = ((step - 1) % Width) + 1;
        for (int i = 0; i < metrics.Count; i++)
        {
            ref float mean = ref _means[first + i];
            mean = (float)(count == 1 ? values[metrics[i]] : mean + ((values[metrics[i]] - mean) / count));
        }
    }

    private void Halve()
    {
        int columns = metrics.Count;
        for (int i = 0; i < Most / 2 * columns; i++)
        {
            int first = (i / columns * 2 * columns) + (i % columns);
            _means[i] = (float)(((double)_means[first] + _means[first + columns]) / 2);
        }
        Width *= 2;
    }
}

using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Recipes;

/// <summary>A named scalar that training steps report.</summary>
/// <param name="Name">Its name in checkpoints.</param>
/// <param name="IsAveraged">Whether an epoch reports the mean over its steps; otherwise it reports the last step's value.</param>
/// <param name="Unreported">Its value in a step that doesn't report it.</param>
public sealed record Metric(string Name, bool IsAveraged = true, double Unreported = 0)
{
    /// <summary>D's loss, before the update.</summary>
    public static Metric DiscriminatorLoss { get; } = new("d_loss");

    /// <summary>G's loss, before the update.</summary>
    public static Metric GeneratorLoss { get; } = new("g_loss");

    /// <summary>The share of real pictures that D takes for real, 0 to 1.</summary>
    public static Metric AccuracyOnReal { get; } = new("d_accuracy_real", Unreported: double.NaN);

    /// <summary>The share of generated pictures that D takes for generated, 0 to 1.</summary>
    public static Metric AccuracyOnFake { get; } = new("d_accuracy_fake", Unreported: double.NaN);

    /// <summary>D's mean output on real pictures, in the form that the recipe logs; 0 if it logs none.</summary>
    public static Metric OutputOnReal { get; } = new("d_output_real");

    /// <summary>D's mean output on generated pictures, in the form that the recipe logs; 0 if it logs none.</summary>
    public static Metric OutputOnFake { get; } = new("d_output_fake");

    /// <summary>The Euclidean norm of D's gradient in its last update of a step; 0 in steps that don't measure norms.</summary>
    public static Metric DiscriminatorGradientNorm { get; } = new("d_gradient_norm", IsAveraged: false);

    /// <summary>The Euclidean norm of G's gradient; 0 in steps that don't measure norms.</summary>
    public static Metric GeneratorGradientNorm { get; } = new("g_gradient_norm", IsAveraged: false);

    /// <summary>The share of pictures whose class D tells right, real and generated alike, 0 to 1.</summary>
    public static Metric ClassAccuracy { get; } = new("class_accuracy", Unreported: double.NaN);

    /// <summary>The metrics that every recipe has, in the order of a checkpoint.</summary>
    public static IReadOnlyList<Metric> Standard { get; } =
    [
        DiscriminatorLoss, GeneratorLoss, AccuracyOnReal, AccuracyOnFake, OutputOnReal, OutputOnFake, DiscriminatorGradientNorm,
        GeneratorGradientNorm,
    ];
}

/// <summary>The values of metrics: those of one training step, or an epoch's.</summary>
/// <param name="metrics">The metrics that have a value, which is 0 until it is set.</param>
public sealed class MetricValues(IReadOnlyList<Metric> metrics)
{
    private readonly double[] _values = new double[metrics.Count];

    /// <summary>All values, in the order of the metrics.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>Gets or sets a metric's value.</summary>
    /// <exception cref="ArgumentException">The recipe has no such metric.</exception>
    public double this[Metric metric]
    {
        get => _values[IndexOf(metrics, metric)];
        set => _values[IndexOf(metrics, metric)] = value;
    }

    /// <summary>Returns a copy with another value of one metric.</summary>
    public MetricValues With(Metric metric, double value)
    {
        var copy = Mean(1);
        copy[metric] = value;
        return copy;
    }

    /// <summary>Saves or restores all values.</summary>
    /// <param name="visitor">Saves or restores them.</param>
    /// <param name="prefix">Precedes the metrics' names.</param>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i] = visitor.VisitDouble($"{prefix}{metrics[i].Name}", _values[i]);
    }

    /// <summary>Adds a step's values to the sums of averaged metrics, and replaces the others.</summary>
    public void Add(MetricValues step)
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i] = metrics[i].IsAveraged ? _values[i] + step._values[i] : step._values[i];
    }

    /// <summary>Returns the means over so many added steps.</summary>
    public MetricValues Mean(int steps)
    {
        var mean = new MetricValues(metrics);
        for (int i = 0; i < _values.Length; i++)
            mean._values[i] = metrics[i].IsAveraged ? _values[i] / steps : _values[i];
        return mean;
    }

    /// <summary>Sets all values to 0.</summary>
    public void Clear() => Array.Clear(_values);

    /// <summary>Copies another step's values.</summary>
    public void CopyFrom(MetricValues other) => other._values.CopyTo(_values, 0);

    /// <summary>Takes a step's values; waits for the device if they are still being computed.</summary>
    internal void Resolve(ReadOnlySpan<DeferredMetric> deferred)
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i] = deferred[i].Value;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", metrics.Zip(_values, (metric, value) => $"{metric.Name} {value}"));

    internal static int IndexOf(IReadOnlyList<Metric> metrics, Metric metric)
    {
        for (int i = 0; i < metrics.Count; i++)
        {
            if (ReferenceEquals(metrics[i], metric) || metrics[i].Name == metric.Name)
                return i;
        }
        throw new ArgumentException($"The recipe doesn't report '{metric.Name}'; add it to the recipe's Metrics");
    }
}

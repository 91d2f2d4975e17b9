using System.Text.Json;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Counts pictures by class.</summary>
/// <param name="Counts">[classes].</param>
internal sealed record ClassHistogram(IReadOnlyList<int> Counts)
{
    /// <summary>Counts predicted classes.</summary>
    /// <param name="predicted">[n], a class each.</param>
    /// <param name="classes">Number of classes.</param>
    public static ClassHistogram Of(ReadOnlySpan<byte> predicted, int classes)
    {
        var counts = new int[classes];
        foreach (byte c in predicted)
            counts[c]++;
        return new ClassHistogram(counts);
    }

    /// <summary>The metric: the divergence of the pictures' classes from the test pictures'.</summary>
    public static QualityValue Divergence(Comparison sets)
    {
        var classes = Of(sets.Pictures.Classes, sets.Classes);
        return new QualityValue(classes.DivergenceFrom(Of(sets.Test.Classes, sets.Classes)), Classes: classes);
    }

    /// <summary>The share of a class, from 0 to 1.</summary>
    public double Share(int c) => (double)Counts[c] / Counts.Sum();

    /// <summary>
    /// Computes the Kullback-Leibler divergence of these shares from others, Σ p ln(p / q), in nats: infinite if the others lack a class.
    /// </summary>
    public double DivergenceFrom(ClassHistogram other) =>
        Enumerable.Range(0, Counts.Count).Where(c => Counts[c] > 0).Sum(c => Share(c) * Math.Log(Share(c) / other.Share(c)));

    /// <summary>Writes the counts as an array.</summary>
    public void Write(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        foreach (int count in Counts)
            json.WriteNumberValue(count);
        json.WriteEndArray();
    }
}

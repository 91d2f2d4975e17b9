using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>A classifier's predictions for n pictures.</summary>
/// <param name="Features">[n, <see cref="Classifier.Features"/>], row by row.</param>
/// <param name="Classes">[n], the most probable class.</param>
/// <param name="Confidences">
/// [n], the probability of that class. Low for pictures between classes; a high one says little, for a network can be sure of noise.
/// </param>
internal sealed record Predictions(float[] Features, byte[] Classes, float[] Confidences)
{
    /// <summary>Number of pictures.</summary>
    public int Count => Classes.Length;

    /// <summary>The mean of the confidences.</summary>
    public double MeanConfidence => Confidences.Sum(confidence => (double)confidence) / Count;

    /// <summary>Mixes two sets at random and splits the mixture into two sets of the same sizes.</summary>
    public static (Predictions First, Predictions Second) Mix(Predictions a, Predictions b, RandomStream random)
    {
        var all = new Predictions(
            [.. a.Features, .. b.Features], [.. a.Classes, .. b.Classes], [.. a.Confidences, .. b.Confidences]);
        var order = new int[all.Count];
        random.Shuffle(order);
        return (all.Rows(order.AsSpan(0, a.Count)), all.Rows(order.AsSpan(a.Count)));
    }

    private Predictions Rows(ReadOnlySpan<int> rows)
    {
        const int Width = Classifier.Features;
        var picked = new Predictions(new float[rows.Length * Width], new byte[rows.Length], new float[rows.Length]);
        for (int i = 0; i < rows.Length; i++)
        {
            Features.AsSpan(rows[i] * Width, Width).CopyTo(picked.Features.AsSpan(i * Width));
            (picked.Classes[i], picked.Confidences[i]) = (Classes[rows[i]], Confidences[rows[i]]);
        }
        return picked;
    }
}

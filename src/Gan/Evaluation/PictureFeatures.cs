using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>The features of n pictures, and where a classifier extracted them, what it takes the pictures for.</summary>
/// <param name="Count">Number of pictures.</param>
/// <param name="Rows">[n, width], row by row.</param>
/// <param name="Classes">[n], the most probable class; empty without a classifier.</param>
/// <param name="Confidences">
/// [n], the probability of that class, likewise. Low for pictures between classes; a high one says little, for a network can be sure of
/// noise.
/// </param>
internal sealed record PictureFeatures(int Count, float[] Rows, byte[] Classes, float[] Confidences)
{
    /// <summary>The mean of the confidences.</summary>
    public double MeanConfidence => Confidences.Sum(confidence => (double)confidence) / Count;

    /// <summary>Mixes two sets at random and splits the mixture into two sets of the same sizes.</summary>
    public static (PictureFeatures First, PictureFeatures Second) Mix(PictureFeatures a, PictureFeatures b, RandomStream random)
    {
        var all = new PictureFeatures(
            a.Count + b.Count, [.. a.Rows, .. b.Rows], [.. a.Classes, .. b.Classes], [.. a.Confidences, .. b.Confidences]);
        var order = new int[all.Count];
        random.Shuffle(order);
        return (all.Pick(order[..a.Count]), all.Pick(order[a.Count..]));
    }

    private PictureFeatures Pick(int[] pictures)
    {
        int width = Rows.Length / Count;
        var rows = new float[pictures.Length * width];
        for (int i = 0; i < pictures.Length; i++)
            Rows.AsSpan(pictures[i] * width, width).CopyTo(rows.AsSpan(i * width));
        return new PictureFeatures(
            pictures.Length, rows, Classes.Length == 0 ? [] : [.. pictures.Select(picture => Classes[picture])],
            Confidences.Length == 0 ? [] : [.. pictures.Select(picture => Confidences[picture])]);
    }
}

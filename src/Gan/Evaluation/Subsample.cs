using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Picks rows of features at random.</summary>
internal static class Subsample
{
    /// <summary>Picks rows in random order, without replacement.</summary>
    /// <param name="features">[n, width].</param>
    /// <param name="width">Features in a row.</param>
    /// <param name="count">Number of rows, at most n.</param>
    /// <param name="random">Picks them.</param>
    public static float[] Rows(ReadOnlySpan<float> features, int width, int count, RandomStream random)
    {
        var order = new int[features.Length / width];
        random.Shuffle(order);
        var picked = new float[count * width];
        for (int i = 0; i < count; i++)
            features.Slice(order[i] * width, width).CopyTo(picked.AsSpan(i * width, width));
        return picked;
    }
}

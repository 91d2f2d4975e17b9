using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Rows of features.</summary>
internal static class Subsample
{
    /// <summary>Some rows in a random order, none of them twice.</summary>
    /// <param name="features">[n, width].</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="count">How many rows are wanted, at most n.</param>
    /// <param name="random">What picks them.</param>
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

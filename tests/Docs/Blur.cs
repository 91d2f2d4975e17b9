namespace GanFromScratch.Kernels;

/// <summary>What docs/kernels.md shows of structs, generics, unrolled loops and registers.</summary>
internal static class Blur
{
    public interface IWeights
    {
        float At(int k);
    }

    public readonly record struct Symmetric(float Side, float Centre) : IWeights
    {
        public float At(int k) => k == 1 ? Centre : Side;
    }

    public static void BlurKernel<W>(Index1D i, W weights, ArrayView<float> x, ArrayView<float> y)
        where W : struct, IWeights
    {
        if (i >= y.Length)
            return;
        var window = LocalMemory.Allocate<float>(3);
        for (int k = 0; k < 3; k++)
            window[k] = x[i + k];
        float sum = 0f;
        for (int k = 0; k < 3; k++)
            sum = MathF.FusedMultiplyAdd(window[k], weights.At(k), sum);
        y[i] = sum;
    }
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>NVIDIA's cuBLAS at the sizes of <see cref="MatMulBench"/>, on CUDA devices, where the toolkit's library is installed.</summary>
public class MatMulCuBlasBench : DenseProductsBench
{
    private CuBlasLibrary? _blas;

    /// <summary>Whether the library is there.</summary>
    internal static bool IsThereFor(string place)
    {
        if (!place.StartsWith("cuda", StringComparison.Ordinal))
            return false;
        using var device = Places.Open(place);
        using var blas = CuBlasLibrary.Open(device, out _);
        return blas is not null;
    }

    protected override void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        _blas ??= CuBlasLibrary.Open(Device, out string? whyNone) ?? throw new InvalidOperationException(whyNone);
        _blas.Multiply(a, transposeA, b, transposeB, y);
        Device.Synchronize();
    }

    public override void Cleanup()
    {
        _blas?.Dispose();
        base.Cleanup();
    }

    /// <summary>The library sums in another order, so its numbers are near ours and not the same.</summary>
    protected override void Check(string what, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        float[] actual = y.ToArray();
        MatMul.Run(a, transposeA, b, transposeB, y);
        Agreement.Near($"cuBLAS, {what}", Array.ConvertAll(y.ToArray(), number => (double)number), actual, 1e-3);
    }
}

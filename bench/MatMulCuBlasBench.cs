using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Bench;

/// <summary>NVIDIA's cuBLAS at the sizes of <see cref="MatMulBench"/>, on CUDA devices, where the toolkit's library is installed.</summary>
public class MatMulCuBlasBench : DenseProductsBench
{
    private CuBlas? _blas;

    /// <summary>Whether the library is there.</summary>
    internal static bool IsThereFor(string place)
    {
        if (!place.StartsWith("cuda", StringComparison.Ordinal))
            return false;
        using var device = (AcceleratorDevice)Places.Open(place);
        using var blas = Create(device);
        return blas is not null;
    }

    protected override void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        var device = (AcceleratorDevice)Device;
        _blas ??= Create(device) ?? throw new InvalidOperationException("cuBLAS isn't installed");
        // cuBLAS has matrices by columns: what it takes ours for is transposed, so yᵀ = bᵀ·aᵀ is asked for.
        int m = y.Shape.Rows, n = y.Shape.Columns, k = a.Shape[transposeA ? 0 : 1];
        _blas.Gemm(
            transposeB ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose,
            transposeA ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose,
            n, m, k, 1f, device.View(b), transposeB ? k : n, device.View(a), transposeA ? m : k, 0f, device.View(y), n);
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

    private static CuBlas? Create(AcceleratorDevice device)
    {
        try
        {
            return new CuBlas((CudaAccelerator)device.Stream.Accelerator) { Stream = (CudaStream)device.Stream };
        }
        catch (Exception fault) when (fault is DllNotFoundException or EntryPointNotFoundException or CuBlasException)
        {
            return null;
        }
    }
}

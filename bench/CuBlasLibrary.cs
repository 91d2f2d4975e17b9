using GanFromScratch.Tensors;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Bench;

/// <summary>NVIDIA's cuBLAS on a device, where the toolkit's library is installed.</summary>
internal sealed class CuBlasLibrary : IDisposable
{
    private readonly AcceleratorDevice _device;
    private readonly CuBlas _blas;

    private CuBlasLibrary(AcceleratorDevice device, CuBlas blas) => (_device, _blas) = (device, blas);

    /// <summary>Opens the library for a device; returns null and a clause where it can't be used there.</summary>
    public static CuBlasLibrary? Open(Device device, out string? whyNone)
    {
        whyNone = null;
        if (device is not AcceleratorDevice { Stream: CudaStream stream } on)
        {
            whyNone = "cuBLAS computes on CUDA devices only";
            return null;
        }
        try
        {
            return new CuBlasLibrary(on, new CuBlas((CudaAccelerator)stream.Accelerator) { Stream = stream });
        }
        catch (Exception fault) when (fault is DllNotFoundException or EntryPointNotFoundException or CuBlasException)
        {
            whyNone = fault is DllNotFoundException ? "the library libcublas.so isn't on this machine" : $"cuBLAS fails: {fault.Message}";
            return null;
        }
    }

    /// <summary>Queues y = a·b.</summary>
    public void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        // cuBLAS has matrices by columns: what it takes ours for is transposed, so yᵀ = bᵀ·aᵀ is asked for.
        int m = y.Shape.Rows, n = y.Shape.Columns, k = a.Shape[transposeA ? 0 : 1];
        _blas.Gemm(
            transposeB ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose,
            transposeA ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose,
            n, m, k, 1f, _device.View(b), transposeB ? k : n, _device.View(a), transposeA ? m : k, 0f, _device.View(y), n);
    }

    /// <inheritdoc/>
    public void Dispose() => _blas.Dispose();
}

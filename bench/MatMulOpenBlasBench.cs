using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>OpenBLAS at the sizes of <see cref="MatMulBench"/>, on as many threads, where it is installed.</summary>
public unsafe class MatMulOpenBlasBench : DenseProductsBench
{
    protected override void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) => OpenBlas.Multiply(
        ((CpuDevice)Device).Threads, Pointer(a), transposeA, Pointer(b), transposeB, Pointer(y),
        y.Shape.Rows, y.Shape.Columns, a.Shape[transposeA ? 0 : 1]);

    /// <summary>The library sums in another order, so its numbers are near ours and not the same.</summary>
    protected override void Check(string what, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        float[] actual = y.ToArray();
        MatMul.Run(a, transposeA, b, transposeB, y);
        Agreement.Near($"OpenBLAS, {what}", Array.ConvertAll(y.ToArray(), number => (double)number), actual, 1e-3);
    }

    private static float* Pointer(Tensor tensor) => ((HostStorage)tensor.Storage).Pointer;
}

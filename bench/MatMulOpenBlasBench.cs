using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>OpenBLAS at the sizes of <see cref="MatMulBench"/>, on as many threads, where it is installed.</summary>
public unsafe class MatMulOpenBlasBench : KernelBench
{
    private Tensor _x = null!, _w = null!, _dy = null!;
    private Tensor _y = null!, _dx = null!, _dw = null!;

    [ParamsSource(nameof(Products))]
    public Product Product { get; set; }

    public static IEnumerable<Product> Products => MatMulBench.Products;

    public override string Size => Product.ToString();

    public override long Units => Product.MultiplyAdds;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        var (samples, inputs, outputs) = Product;
        Shape x = new(samples, inputs), w = new(inputs, outputs), y = new(samples, outputs);
        _x = Inputs.Uniform(Device, x, 1);
        _w = Inputs.Uniform(Device, w, 2);
        _dy = Inputs.Uniform(Device, y, 3);
        _y = new Tensor(Device, y);
        _dx = new Tensor(Device, x);
        _dw = new Tensor(Device, w);
        Check("x·w", Forward, _y, () => MatMul.Run(_x, false, _w, false, _y));
        Check("dy·wᵀ", InputGradient, _dx, () => MatMul.Run(_dy, false, _w, true, _dx));
        Check("xᵀ·dy", WeightGradient, _dw, () => MatMul.Run(_x, true, _dy, false, _dw));
    }

    /// <summary>x·w</summary>
    [Benchmark, Flops(2)]
    public void Forward() => Multiply(_x, false, _w, false, _y);

    /// <summary>dy·wᵀ</summary>
    [Benchmark, Flops(2)]
    public void InputGradient() => Multiply(_dy, false, _w, true, _dx);

    /// <summary>xᵀ·dy</summary>
    [Benchmark, Flops(2)]
    public void WeightGradient() => Multiply(_x, true, _dy, false, _dw);

    private void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) => OpenBlas.Multiply(
        ((CpuDevice)Device).Threads, Pointer(a), transposeA, Pointer(b), transposeB, Pointer(y),
        y.Shape.Rows, y.Shape.Columns, a.Shape[transposeA ? 0 : 1]);

    private static float* Pointer(Tensor tensor) => ((HostStorage)tensor.Storage).Pointer;

    /// <summary>The library sums in another order, so its numbers are near ours and not the same.</summary>
    private static void Check(string what, Action theirs, Tensor result, Action ours)
    {
        ours();
        double[] expected = Array.ConvertAll(result.ToArray(), number => (double)number);
        result.Device.Fill(result, float.NaN);
        theirs();
        Agreement.Near($"OpenBLAS, {what}", expected, result.ToArray(), 1e-3);
    }
}

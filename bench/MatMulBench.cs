using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[B,I] w[I,O] y[B,O]: B samples, I inputs, O outputs; a size is BxIxO

/// <summary>The three products of a dense layer, for odog's layers, for the largest of the other recipes, and for squares.</summary>
public abstract class DenseProductsBench : KernelBench
{
    private Tensor _x = null!, _w = null!, _dy = null!;
    private Tensor _y = null!, _dx = null!, _dw = null!;

    [ParamsSource(nameof(Products))]
    public Product Product { get; set; }

    public static IEnumerable<Product> Products =>
    [
        .. OdogLayers.Generator, .. OdogLayers.Discriminator,
        new(256, 784, 512), new(256, 512, 256), new(100, 784, 1024), new(100, 1024, 512), new(100, 784, 256), new(128, 784, 1024),
        new(128, 1024, 512),
        new(512, 512, 512), new(1024, 1024, 1024), new(2048, 2048, 2048),
    ];

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
        Forward();
        InputGradient();
        WeightGradient();
        Check("x·w", _x, false, _w, false, _y);
        Check("dy·wᵀ", _dy, false, _w, true, _dx);
        Check("xᵀ·dy", _x, true, _dy, false, _dw);
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

    /// <summary>y = a·b, done when it returns.</summary>
    protected abstract void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y);

    /// <summary>Throws unless y is a·b.</summary>
    protected abstract void Check(string what, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y);
}

/// <summary>Ours.</summary>
public class MatMulBench : DenseProductsBench
{
    protected override void Multiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        MatMul.Run(a, transposeA, b, transposeB, y);
        Device.Synchronize();
    }

    protected override void Check(string what, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) =>
        Agreement.SameChain(what, a.ToArray(), transposeA, b.ToArray(), transposeB, y);
}

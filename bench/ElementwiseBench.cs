using BenchmarkDotNet.Attributes;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>
/// Formulas and their derivatives over whole tensors. The first size is a batch of odog's pictures, the second is beyond most caches.
/// </summary>
public class ElementwiseBench : KernelBench
{
    private static readonly LeakyRelu Leaky = new(0.2f);

    private Tensor _x = null!, _dy = null!, _dx = null!;
    private Tensor _leaky = null!, _tanh = null!, _sigmoid = null!, _exp = null!;

    [Params(OdogLayers.Batch * OdogLayers.Pixels, 1 << 20)]
    public int Count { get; set; }

    public override string Size => $"{Count}";

    public override long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        var shape = new Shape(Count);
        _x = Inputs.Uniform(Device, shape, 1, -8f, 8f);
        _dy = Inputs.Uniform(Device, shape, 2);
        _dx = new Tensor(Device, shape);
        _leaky = Check(Leaky);
        _tanh = Check(default(Tanh));
        _sigmoid = Check(default(Sigmoid));
        _exp = Check(default(Exp));
    }

    [Benchmark, Floats(2)]
    public void LeakyRelu() => Map(Leaky, _leaky);

    [Benchmark, Floats(4)]
    public void LeakyReluBackward() => MapBackward(Leaky, _leaky);

    [Benchmark, Floats(2)]
    public void Tanh() => Map(default(Tanh), _tanh);

    [Benchmark, Floats(4)]
    public void TanhBackward() => MapBackward(default(Tanh), _tanh);

    [Benchmark, Floats(2)]
    public void Sigmoid() => Map(default(Sigmoid), _sigmoid);

    [Benchmark, Floats(4)]
    public void SigmoidBackward() => MapBackward(default(Sigmoid), _sigmoid);

    [Benchmark, Floats(2)]
    public void Exp() => Map(default(Exp), _exp);

    [Benchmark, Floats(4)]
    public void ExpBackward() => MapBackward(default(Exp), _exp);

    private void Map<F>(F f, Tensor y)
        where F : struct, IMap
    {
        Elementwise.Map(f, _x, y);
        Device.Synchronize();
    }

    private void MapBackward<F>(F f, Tensor y)
        where F : struct, IMap
    {
        Elementwise.MapBackward(f, _x, y, _dy, _dx);
        Device.Synchronize();
    }

    /// <summary>f(x), after it and its derivative were seen to have the bits of a loop over single floats.</summary>
    private Tensor Check<F>(F f)
        where F : struct, IMap
    {
        var result = new Tensor(Device, _x.Shape);
        Elementwise.Map(f, _x, result);
        Elementwise.MapBackward(f, _x, result, _dy, _dx);
        float[] x = _x.ToArray(), dy = _dy.ToArray(), y = new float[Count], dx = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            y[i] = f.Forward(new Scalar(x[i])).Value;
            dx[i] = f.Backward(new Scalar(x[i]), new Scalar(y[i]), new Scalar(dy[i])).Value;
        }
        SameFormula(typeof(F).Name, y, result.ToArray());
        SameFormula($"{typeof(F).Name} backward", dx, _dx.ToArray());
        return result;
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using BenchmarkDotNet.Attributes;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>
/// The library's elementwise op, the bare loop over lanes that it comes down to, and a <c>Vector512</c> loop written by hand for the one
/// formula, on one thread. The first size is in the first-level cache, where the loops themselves count, and some tens of nanoseconds at
/// the library's door.
/// </summary>
public class LanesBench : IMeasured
{
    private const float Slope = 0.2f, Factor = 1.25f, Offset = -0.5f;

    private CpuDevice _device = null!;
    private Tensor _x = null!, _y = null!;

    [Params(4096, 65536)]
    public int Count { get; set; }

    public string Size => $"{Count}";

    public long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        _device = new CpuDevice(1);
        _x = Inputs.Uniform(_device, new Shape(Count), 1);
        _y = new Tensor(_device, new Shape(Count));
        Agreement.SameBits("LeakyRelu", ResultOf(LeakyReluByHand), ResultOf(LeakyRelu));
        Agreement.SameBits("LeakyRelu, lanes", ResultOf(LeakyReluByHand), ResultOf(LeakyReluLanes));
        Agreement.SameBits("Affine", ResultOf(AffineByHand), ResultOf(Affine));
        Agreement.SameBits("Affine, lanes", ResultOf(AffineByHand), ResultOf(AffineLanes));
    }

    [GlobalCleanup]
    public void Cleanup() => _device.Dispose();

    [Benchmark, Floats(2)]
    public void LeakyRelu() => Elementwise.Map(new LeakyRelu(Slope), _x, _y);

    [Benchmark, Floats(2)]
    public void LeakyReluLanes() => Lanes(new LeakyRelu(Slope));

    [Benchmark, Floats(2)]
    public unsafe void LeakyReluByHand()
    {
        float* x = ((HostStorage)_x.Storage).Pointer, y = ((HostStorage)_y.Storage).Pointer;
        var slope = Vector512.Create(Slope);
        int i = 0, count = Count; // the compiler would read the property again for every vector
        for (; i <= count - 16; i += 16)
        {
            var v = Vector512.Load(x + i);
            Vector512.Store(Vector512.ConditionalSelect(Vector512.GreaterThan(v, Vector512<float>.Zero), v, slope * v), y + i);
        }
        for (; i < count; i++)
            y[i] = x[i] > 0 ? x[i] : Slope * x[i];
    }

    [Benchmark, Floats(2)]
    public void Affine() => Elementwise.Map(new Affine(Factor, Offset), _x, _y);

    [Benchmark, Floats(2)]
    public void AffineLanes() => Lanes(new Affine(Factor, Offset));

    [Benchmark, Floats(2)]
    public unsafe void AffineByHand()
    {
        float* x = ((HostStorage)_x.Storage).Pointer, y = ((HostStorage)_y.Storage).Pointer;
        bool fused = Fma.IsSupported || AdvSimd.IsSupported;
        var factor = Vector512.Create(Factor);
        var offset = Vector512.Create(Offset);
        int i = 0, count = Count;
        for (; i <= count - 16; i += 16)
        {
            var v = Vector512.Load(x + i);
            Vector512.Store(fused ? Vector512.FusedMultiplyAdd(factor, v, offset) : (factor * v) + offset, y + i);
        }
        for (; i < count; i++)
            y[i] = fused ? MathF.FusedMultiplyAdd(Factor, x[i], Offset) : (Factor * x[i]) + Offset;
    }

    private unsafe void Lanes<F>(F f)
        where F : struct, IMap
    {
        float* x = ((HostStorage)_x.Storage).Pointer, y = ((HostStorage)_y.Storage).Pointer;
        int i = 0, count = Count;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
            Simd.Store(y + i, f.Forward(Simd.Load(x + i)));
        for (; i < count; i++)
            y[i] = f.Forward(new Scalar(x[i])).Value;
    }

    private float[] ResultOf(Action loop)
    {
        _device.Fill(_y, float.NaN);
        loop();
        return _y.ToArray();
    }
}

using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>The library's product beside the three loops of a textbook, on one thread, at a size that the textbook can bear.</summary>
public class MatMulNaiveBench : IMeasured
{
    private const int N = 128;

    private CpuDevice _device = null!;
    private Tensor _a = null!, _b = null!, _y = null!;

    public string Size => new Product(N, N, N).ToString();

    public long Units => new Product(N, N, N).MultiplyAdds;

    [GlobalSetup]
    public void Setup()
    {
        _device = new CpuDevice(1);
        _a = Inputs.Uniform(_device, new Shape(N, N), 1);
        _b = Inputs.Uniform(_device, new Shape(N, N), 2);
        _y = new Tensor(_device, new Shape(N, N));
        Naive();
        float[] expected = _y.ToArray();
        _device.Fill(_y, float.NaN);
        Library();
        Agreement.SameBits("MatMul", expected, _y.ToArray());
    }

    [GlobalCleanup]
    public void Cleanup() => _device.Dispose();

    [Benchmark, Flops(2)]
    public void Library() => MatMul.Run(_a, false, _b, false, _y);

    [Benchmark, Flops(2)]
    public unsafe void Naive()
    {
        float* a = ((HostStorage)_a.Storage).Pointer, b = ((HostStorage)_b.Storage).Pointer, y = ((HostStorage)_y.Storage).Pointer;
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
            {
                var sum = new Scalar(0f); // fused where the machine can, as in the library: the same bits
                for (int k = 0; k < N; k++)
                    sum = Scalar.MultiplyAdd(new Scalar(a[(i * N) + k]), new Scalar(b[(k * N) + j]), sum);
                y[(i * N) + j] = sum.Value;
            }
        }
    }
}

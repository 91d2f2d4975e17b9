using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>Random numbers of each kind. The first size is the noise of an odog batch.</summary>
public class RandomNumbersBench : KernelBench
{
    private Tensor _y = null!;
    private RandomStream _random = null!;

    [Params(OdogLayers.Batch * 100, 1 << 20)]
    public int Count { get; set; }

    public override string Size => $"{Count}";

    public override long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _y = new Tensor(Device, new Shape(Count));
        using var one = new CpuDevice(1);
        var alone = new Tensor(one, new Shape(Count));
        Check("Uniform", alone, 0.5, UniformInto);
        Check("Normal", alone, 0, NormalInto);
        Check("TruncatedNormal", alone, 0, TruncatedNormalInto);
        Check("Mask", alone, 1, MaskInto);
        _random = new RandomStream(1, 1);
    }

    [Benchmark, Floats(1)]
    public void Uniform() => Timed(UniformInto);

    [Benchmark, Floats(1)]
    public void Normal() => Timed(NormalInto);

    [Benchmark, Floats(1)]
    public void TruncatedNormal() => Timed(TruncatedNormalInto);

    [Benchmark, Floats(1)]
    public void Mask() => Timed(MaskInto);

    private void Timed(Action<RandomStream, Tensor> fill)
    {
        fill(_random, _y);
        Device.Synchronize();
    }

    private static void UniformInto(RandomStream random, Tensor y) => RandomNumbers.Uniform(random, 0f, 1f, y);

    private static void NormalInto(RandomStream random, Tensor y) => RandomNumbers.Normal(random, 0f, 1f, y);

    private static void TruncatedNormalInto(RandomStream random, Tensor y) => RandomNumbers.TruncatedNormal(random, 0f, 1f, y);

    private static void MaskInto(RandomStream random, Tensor y) => RandomNumbers.Mask(random, 0.5f, y);

    /// <summary>Every place draws the same numbers, and their mean is the distribution's to within six deviations of a mean.</summary>
    private void Check(string what, Tensor alone, double mean, Action<RandomStream, Tensor> fill)
    {
        fill(new RandomStream(1, 1), _y);
        fill(new RandomStream(1, 1), alone);
        float[] result = _y.ToArray();
        SameFormula(what, alone.ToArray(), result);
        Agreement.Near($"{what}, the mean", [mean], [(float)result.Average(number => (double)number)], 6 / Math.Sqrt(Count));
    }
}

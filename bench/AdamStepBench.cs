using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>One update of all weights and biases of odog's networks.</summary>
public class AdamStepBench : KernelBench
{
    private static readonly AdamNumbers Numbers = new(4e-4f, 0.5f, 0.999f, 31.6f, 1e-7f, 1);

    private AdamSlot[] _slots = null!;
    private Tensor _faults = null!;

    [Params("discriminator", "generator")]
    public string Network { get; set; } = "generator";

    public override string Size => $"{Network} {Units}";

    public override long Units => Parameters.Sum(shape => (long)shape.Count);

    private IEnumerable<Shape> Parameters => (Network == "generator" ? OdogLayers.Generator : OdogLayers.Discriminator)
        .SelectMany(layer => (Shape[])[new Shape(layer.K, layer.N), new Shape(layer.N)]);

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _slots = Slots(Device);
        _faults = Tensor.Filled(Device, new Shape(_slots.Length), 0);
        using var one = new CpuDevice(1);
        var alone = Slots(one);
        using var faults = Tensor.Filled(one, new Shape(alone.Length), 0);
        double[][] expected = [.. alone.Select(Reference)];
        Run();
        AdamStep.Run(alone, Numbers, faults);
        for (int i = 0; i < alone.Length; i++)
        {
            float[] result = _slots[i].Value.ToArray();
            SameFormula("Adam", alone[i].Value.ToArray(), result);
            Agreement.Near("Adam", expected[i], result, 1e-6);
        }
    }

    [Benchmark, Floats(7)] // value, gradient and both moments in; value and both moments out
    public void Run()
    {
        AdamStep.Run(_slots, Numbers, _faults);
        Device.Synchronize();
    }

    private AdamSlot[] Slots(Device device) =>
    [
        .. Parameters.Select((shape, i) => new AdamSlot(
            Inputs.Uniform(device, shape, 4 * (uint)i),
            Inputs.Uniform(device, shape, (4 * (uint)i) + 1),
            Inputs.Uniform(device, shape, (4 * (uint)i) + 2),
            Inputs.Uniform(device, shape, (4 * (uint)i) + 3, 0f, 1f))),
    ];

    /// <summary>The parameter after one update, in double.</summary>
    private static double[] Reference(AdamSlot slot)
    {
        float[] p = slot.Value.ToArray(), g = slot.Gradient!.ToArray(), m = slot.Mean.ToArray(), v = slot.Square.ToArray();
        var updated = new double[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            double mean = (Numbers.Beta1 * (double)m[i]) + ((1.0 - Numbers.Beta1) * g[i]);
            double square = (Numbers.Beta2 * (double)v[i]) + ((1.0 - Numbers.Beta2) * g[i] * g[i]);
            updated[i] = p[i] - (Numbers.Rate * mean / ((Math.Sqrt(square) * Numbers.RootCorrection) + Numbers.Epsilon));
        }
        return updated;
    }
}

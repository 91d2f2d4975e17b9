using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>What the throughput table asks of a class of benchmarks, once its parameters are set.</summary>
public interface IMeasured
{
    /// <summary>The size, as the table prints it.</summary>
    string Size { get; }

    /// <summary>How often a call does what its method's attribute counts: elements, multiply-adds, or operations.</summary>
    long Units { get; }
}

/// <summary>Floats read and written for each unit, every tensor that the kernel is given counted once: the kernel's GB/s.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FloatsAttribute(int perUnit) : Attribute
{
    public int PerUnit { get; } = perUnit;
}

/// <summary>Floating-point operations for each unit: the kernel's GFLOP/s.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FlopsAttribute(int perUnit) : Attribute
{
    public int PerUnit { get; } = perUnit;
}

/// <summary>
/// Benchmarks of one file of the kernel library, in every place. A setup runs every kernel of its class before it is timed, and throws
/// unless the places agree with each other, and with a plain loop, on the result. A timed call ends when its device is done: on a device
/// behind a driver it is a launch and a wait for it, so small sizes show the driver's latency, which training hides behind its queue.
/// </summary>
public abstract class KernelBench : IMeasured
{
    [ParamsSource(nameof(AllPlaces))]
    public string Where { get; set; } = "cpu x1";

    public static IEnumerable<string> AllPlaces => Places.Chosen;

    public abstract string Size { get; }

    public abstract long Units { get; }

    protected Device Device { get; private set; } = null!;

    /// <summary>Whether sums go in the CPU's order, whatever the number of threads. A device's groups of threads have another.</summary>
    protected bool SumsAsCpu => Device is CpuDevice;

    /// <summary>
    /// Whether division and square root give the nearest float. OpenCL doesn't promise it; a device that can is told to, and one that
    /// can't has other bits in what divides.
    /// </summary>
    protected bool RoundsCorrectly { get; private set; }

    [GlobalCleanup]
    public void Cleanup() => Device.Dispose();

    protected void OpenDevice()
    {
        Device = Places.Open(Where);
        var x = Inputs.Uniform(Device, new Shape(4096), 99, 1f, 4f);
        var y = new Tensor(Device, x.Shape);
        Elementwise.Map(default(ReciprocalRoot), x, y);
        float[] expected = Array.ConvertAll(x.ToArray(), number => default(ReciprocalRoot).Forward(new Scalar(number)).Value);
        RoundsCorrectly = expected.AsSpan().SequenceEqual(y.ToArray());
    }

    /// <summary>
    /// Throws unless a formula, which may divide, gave the CPU's bits; on a device that doesn't round division correctly, within 1e-6.
    /// </summary>
    protected void SameFormula(string what, float[] expected, float[] actual)
    {
        if (RoundsCorrectly)
            Agreement.SameBits(what, expected, actual);
        else
            Agreement.Near(what, Array.ConvertAll(expected, number => (double)number), actual, 1e-6);
    }

    internal readonly record struct ReciprocalRoot : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Of(1f) / V.Sqrt(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.Of(-0.5f) * dy * y / x;
    }
}

/// <summary>Inputs that are the same in every variant.</summary>
internal static class Inputs
{
    /// <summary>Uniform numbers in [low, high); another stream gives others.</summary>
    public static Tensor Uniform(Device device, Shape shape, uint stream, float low = -1f, float high = 1f)
    {
        var tensor = new Tensor(device, shape);
        RandomNumbers.Uniform(new RandomStream(1, stream), low, high, tensor);
        return tensor;
    }
}

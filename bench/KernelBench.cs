using System.Collections.Concurrent;
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

    /// <summary>Whether the place gives the processor's bits: a device that rounds in another way, or has no doubles, does not.</summary>
    protected bool HasBitsOfCpu { get; private set; }

    /// <summary>The multiply-add peak of a place, measured when a case of a size had been timed there.</summary>
    internal static ConcurrentDictionary<(string Where, string Size), double> Peaks { get; } = [];

    [GlobalCleanup]
    public virtual void Cleanup()
    {
        Peaks[(Where, Size)] = MultiplyAddPeak.Gflops(Device, samples: Device is CpuDevice ? 501 : 15);
        Device.Dispose();
    }

    protected void OpenDevice()
    {
        Device = Places.Open(Where);
        HasBitsOfCpu = DeviceRounding.Difference(Device) is null;
    }

    /// <summary>
    /// Throws unless a formula, which may divide, gave the CPU's bits; on a device that rounds in another way, within 1e-6.
    /// </summary>
    protected void SameFormula(string what, float[] expected, float[] actual)
    {
        if (HasBitsOfCpu)
            Agreement.SameBits(what, expected, actual);
        else
            Agreement.Near(what, Array.ConvertAll(expected, number => (double)number), actual, 1e-6);
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

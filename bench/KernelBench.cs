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
/// Benchmarks of one file of the kernel library, on one thread and on all cores. A setup runs every kernel of its class before it is timed, and throws
/// unless the thread counts agree with each other, and with a plain loop, on the result.
/// </summary>
public abstract class KernelBench : IMeasured
{
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; } = 1;

    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    public abstract string Size { get; }

    public abstract long Units { get; }

    protected CpuDevice Device { get; private set; } = null!;

    [GlobalCleanup]
    public void Cleanup() => Device.Dispose();

    protected void OpenDevice() => Device = new CpuDevice(Threads);
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

namespace GanFromScratch.Tensors;

/// <summary>The language, and the dialect of it, in which a device takes programs.</summary>
public abstract record ProgramTarget;

/// <summary>OpenCL C 1.2.</summary>
public sealed record OpenClTarget : ProgramTarget
{
    /// <inheritdoc/>
    public override string ToString() => "OpenCL C 1.2";
}

/// <summary>PTX, NVIDIA's assembler for a machine with no end of registers.</summary>
/// <param name="Version">The language's version, times ten: 78 for 7.8. No newer than the driver's.</param>
/// <param name="Architecture">The compute capability, times ten: 90 for sm_90. No greater than the device's.</param>
public sealed record PtxTarget(int Version, int Architecture) : ProgramTarget
{
    /// <inheritdoc/>
    public override string ToString() => $"PTX {Version / 10}.{Version % 10} for sm_{Architecture}";
}

/// <summary>One argument of a kernel: up to eight bytes, the first one lowest.</summary>
/// <param name="Bits">The bytes.</param>
/// <param name="Size">How many of them count: 4 or 8.</param>
public readonly record struct KernelArgument(ulong Bits, int Size);

/// <summary>How many groups of threads a kernel is run by.</summary>
/// <param name="X">Groups side by side.</param>
/// <param name="Y">Rows of them.</param>
/// <param name="Z">Layers of those.</param>
public readonly record struct GridSize(int X, int Y = 1, int Z = 1);

/// <summary>A kernel that a device has compiled from text. It lives as long as the device.</summary>
public abstract class DeviceProgram
{
    /// <summary>The kernel's name.</summary>
    public abstract string Name { get; }
}

/// <summary>A device that runs programs given as text. Work is queued: a call returns before it is done, and all work is done in the order of the calls.</summary>
public abstract class ProgramDevice : Device
{
    /// <summary>What the text has to be.</summary>
    public abstract ProgramTarget Target { get; }

    /// <summary>The most threads that a group may have.</summary>
    public abstract int MostThreadsOfGroup { get; }

    /// <summary>
    /// Compiles a text that holds one kernel, or finds it in the cache on disk, which is keyed by the text, the driver and the device. The caller keeps
    /// the program for its next launch.
    /// </summary>
    /// <exception cref="DeviceException">The driver's compiler rejects the text; it is kept in a file, which the message names.</exception>
    public abstract DeviceProgram Load(string text, string name);

    /// <summary>Queues a run of a kernel.</summary>
    /// <param name="program">The kernel.</param>
    /// <param name="grid">How many groups run it; none of the extents is 0.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="arguments">In the order of the kernel's parameters; a <see cref="Storage.Handle"/> is one of eight bytes.</param>
    /// <exception cref="DeviceException">The device failed.</exception>
    public abstract void Launch(DeviceProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments);
}

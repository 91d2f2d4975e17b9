namespace GanFromScratch.Tensors;

/// <summary>A block of a device's own memory.</summary>
internal sealed class DeviceStorage(QueuedDevice device, int capacity, nint handle) : Storage(device, capacity)
{
    /// <inheritdoc/>
    public override nint Handle => handle;
}

/// <summary>A kernel that a driver has compiled.</summary>
/// <param name="name">Its name.</param>
/// <param name="kernel">The driver's name for it.</param>
internal sealed class LoadedProgram(string name, nint kernel) : DeviceProgram
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <summary>The driver's name for the kernel.</summary>
    public nint Kernel => kernel;
}

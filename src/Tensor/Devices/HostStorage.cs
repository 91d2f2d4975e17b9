namespace GanFromScratch.Tensors;

/// <summary>A block of the machine's own memory, aligned to 64 bytes: a cache line, and the widest vector.</summary>
public sealed unsafe class HostStorage : Storage
{
    internal HostStorage(Device device, int capacity, float* pointer)
        : base(device, capacity) => Pointer = pointer;

    /// <summary>The first element.</summary>
    public float* Pointer { get; }
}

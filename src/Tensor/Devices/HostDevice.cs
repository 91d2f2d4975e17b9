namespace GanFromScratch.Tensors;

/// <summary>A block of the machine's own memory, aligned to 64 bytes: a cache line, and the widest vector.</summary>
public sealed unsafe class HostStorage : Storage
{
    internal HostStorage(Device device, int capacity, float* pointer)
        : base(device, capacity) => Pointer = pointer;

    /// <summary>The first element.</summary>
    public float* Pointer { get; }

    /// <inheritdoc/>
    public override nint Handle => (nint)Pointer;
}

/// <summary>A device that computes in the machine's own memory, and has done so when a call returns.</summary>
public abstract unsafe class HostDevice : Device
{
    private readonly CpuArena _arena = new();

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Nothing is ever pending: an operation has ended when its call returns.
    }

    /// <inheritdoc/>
    protected override void Release() => _arena.Dispose();

    /// <inheritdoc/>
    protected override Storage Allocate(int capacity) =>
        new HostStorage(this, capacity, CutMemory((nuint)capacity));

    /// <summary>New memory, which is given back with the device.</summary>
    private protected float* CutMemory(nuint floats) => (float*)_arena.Cut(floats * sizeof(float));

    /// <inheritdoc/>
    protected internal override void Upload(ReadOnlySpan<float> from, Storage to) =>
        from.CopyTo(new Span<float>(((HostStorage)to).Pointer, from.Length));

    /// <inheritdoc/>
    protected internal override void Download(Storage from, Span<float> to) =>
        new ReadOnlySpan<float>(((HostStorage)from).Pointer, to.Length).CopyTo(to);

    /// <inheritdoc/>
    protected internal override void Fill(Storage storage, int count, float value) =>
        new Span<float>(((HostStorage)storage).Pointer, count).Fill(value);

    /// <inheritdoc/>
    protected internal override Late ReadLater(Storage from) => new(*((HostStorage)from).Pointer);
}

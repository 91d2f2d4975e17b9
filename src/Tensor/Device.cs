namespace GanFromScratch.Tensors;

/// <summary>
/// A device that kernels run on, with its memory and a pool of storage: a step rents the blocks that the step before returned. It is used
/// from one thread.
/// </summary>
public abstract class Device : IDisposable
{
    private const int Granule = 64; // floats; close sizes share blocks

    private readonly StoragePool _idle = new();
    private int _allocations;
    private bool _disposed;
    private Tensor? _ones;

    /// <summary>The name that `--device` takes.</summary>
    public abstract string Name { get; }

    /// <summary>The bytes allocated, idle blocks included: constant once a training loop has settled.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>The blocks that tensors hold now.</summary>
    public int RentedBlocks { get; private set; }

    /// <summary>The floating-point operations of all matrix products so far: 2·M·N·K for a product [M,K] x [K,N].</summary>
    public long MatMulFlops { get; private set; }

    /// <summary>The pool that blocks are rented from, in place of the device's own; null for that.</summary>
    internal StoragePool? Arena { get; set; }

    /// <summary>Waits until all work given to the device is done.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Returns ones, the gradient of outputs with respect to themselves: the same storage for all, which lives as long as the device.
    /// </summary>
    public Tensor Ones(Shape shape)
    {
        if (_ones is null || _ones.Count < shape.Count)
        {
            _ones = OfItsOwn(Math.Max(shape.Count, Granule)); // a smaller one may be in use
            Fill(_ones, 1f);
        }
        return Tensor.FrontOf(_ones.Storage, shape);
    }

    /// <summary>Returns a tensor that lives as long as the device, and is no user's.</summary>
    private protected Tensor OfItsOwn(int count)
    {
        var arena = Arena;
        Arena = null;
        var own = new Tensor(this, new Shape(count));
        (Arena, RentedBlocks) = (arena, RentedBlocks - 1);
        return own;
    }

    /// <summary>Whether a tensor is <see cref="Ones"/>.</summary>
    public bool IsOnes(Tensor tensor) => _ones?.Storage == tensor.Storage;

    /// <summary>Adds a product [M,K] x [K,N] to <see cref="MatMulFlops"/>.</summary>
    public void CountMatMul(int m, int n, int k) => MatMulFlops += 2L * m * n * k;

    /// <summary>Adds to <see cref="MatMulFlops"/> what a replay computes.</summary>
    private protected void CountFlops(long flops) => MatMulFlops += flops;

    /// <summary>Sets all elements of a tensor of this device.</summary>
    public void Fill(Tensor tensor, float value) => Fill(tensor.Storage, tensor.Count, value);

    /// <summary>Frees all memory. Tensors of this device can't be used afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Release();
    }

    /// <summary>Frees all memory.</summary>
    protected abstract void Release();

    /// <summary>Allocates a block.</summary>
    protected abstract Storage Allocate(int capacity);

    /// <summary>Copies from the host to the front of a block.</summary>
    protected internal abstract void Upload(ReadOnlySpan<float> from, Storage to);

    /// <summary>Copies from the front of a block to the host.</summary>
    protected internal abstract void Download(Storage from, Span<float> to);

    /// <summary>Sets the first elements of a block.</summary>
    protected internal abstract void Fill(Storage storage, int count, float value);

    /// <summary>Requests the first numbers of a block, as they are after all work so far, without waiting for them.</summary>
    protected internal abstract void ReadDeferred(Storage from, Span<DeferredScalar> to);

    /// <summary>Waits for a number that <see cref="ReadDeferred"/> requested. A device that works synchronously has none.</summary>
    protected internal virtual float Await(long ticket) =>
        throw new InvalidOperationException($"{Name}: no number was asked for under the ticket {ticket}");

    /// <summary>Takes the blocks of a pool that isn't needed any more.</summary>
    private protected void Inherit(StoragePool arena) => arena.GiveTo(_idle);

    /// <summary>Removes all idle blocks from the pool, for the device to free them.</summary>
    private protected List<Storage> TakeIdle()
    {
        var idle = _idle.TakeAll();
        AllocatedBytes -= idle.Sum(block => block.Capacity * (long)sizeof(float));
        return idle;
    }

    internal Storage Rent(int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int capacity = (int)Math.Min(int.MaxValue, ((long)Math.Max(count, 1) + Granule - 1) / Granule * Granule);
        var pool = Arena ?? _idle;
        var storage = pool.Take(capacity) ?? _idle.Take(capacity);
        if (storage is null)
        {
            storage = Allocate(capacity);
            storage.Number = _allocations++;
            AllocatedBytes += capacity * (long)sizeof(float);
        }
        storage.Pool = pool; // an arena keeps what it took from the device's
        storage.Holders = 1;
        RentedBlocks++;
        return storage;
    }

    internal void Return(Storage storage)
    {
        if (storage.Holders == 0)
            throw new InvalidOperationException("Return: this block is in the pool already");
        if (--storage.Holders > 0)
            return;
        RentedBlocks--;
        storage.Pool.Return(storage);
    }
}

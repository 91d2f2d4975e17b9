using System.Runtime.InteropServices;

namespace GanFromScratch.Tensors;

/// <summary>
/// A device that kernels run on, with its memory and a pool of storage: a step rents the blocks that the step before returned. It is used
/// from one thread.
/// </summary>
public abstract class Device : IDisposable
{
    private const int Granule = 64; // floats; close sizes share blocks

    private readonly Dictionary<int, PriorityQueue<Storage, int>> _idle = []; // the oldest block first
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

    /// <summary>Waits until all work given to the device is done.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Returns ones, the gradient of outputs with respect to themselves: the same storage for all, which lives as long as the device.
    /// </summary>
    public Tensor Ones(Shape shape)
    {
        if (_ones is null || _ones.Count < shape.Count)
        {
            _ones = Tensor.Filled(this, new Shape(Math.Max(shape.Count, Granule)), 1f); // a smaller one may be in use
            RentedBlocks--; // it's no user's
        }
        return Tensor.FrontOf(_ones.Storage, shape);
    }

    /// <summary>Whether a tensor is <see cref="Ones"/>.</summary>
    public bool IsOnes(Tensor tensor) => _ones?.Storage == tensor.Storage;

    /// <summary>Adds a product [M,K] x [K,N] to <see cref="MatMulFlops"/>.</summary>
    public void CountMatMul(int m, int n, int k) => MatMulFlops += 2L * m * n * k;

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

    /// <summary>Removes all idle blocks from the pool, for the device to free them.</summary>
    private protected List<Storage> TakeIdle()
    {
        var idle = _idle.Values.SelectMany(blocks => blocks.UnorderedItems).Select(block => block.Element).ToList();
        _idle.Clear();
        AllocatedBytes -= idle.Sum(block => block.Capacity * (long)sizeof(float));
        return idle;
    }

    internal Storage Rent(int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int capacity = (int)Math.Min(int.MaxValue, ((long)Math.Max(count, 1) + Granule - 1) / Granule * Granule);
        Storage storage;
        if (_idle.TryGetValue(capacity, out var blocks) && blocks.Count > 0)
        {
            storage = blocks.Dequeue();
        }
        else
        {
            storage = Allocate(capacity);
            storage.Number = _allocations++;
            AllocatedBytes += capacity * (long)sizeof(float);
        }
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
        ref var blocks = ref CollectionsMarshal.GetValueRefOrAddDefault(_idle, storage.Capacity, out _);
        (blocks ??= new PriorityQueue<Storage, int>()).Enqueue(storage, storage.Number);
    }
}

using ILGPU;
using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>
/// An ILGPU accelerator with a stream of its own, and the calls that a training step makes beside launches: memory of the host that copies run beside
/// the caller's work from and to, copies that are queued, and marks that are waited for. Every call may throw an <see cref="AcceleratorException"/>.
/// </summary>
internal abstract class AcceleratorQueue : IDisposable
{
    protected AcceleratorQueue(Context context, Accelerator accelerator)
    {
        Context = context;
        Accelerator = accelerator;
        try
        {
            Stream = accelerator.CreateStream(); // never the default one: CUDA's is the null stream, which waits for all others and can't be captured
        }
        catch (Exception)
        {
            GC.SuppressFinalize(accelerator); // nobody holds it, and its finalizer would meet the same fault
            throw;
        }
    }

    /// <summary>What compiles for it.</summary>
    protected Context Context { get; }

    /// <summary>ILGPU's device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>What all work is queued on.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>Whether kernels may compute with doubles.</summary>
    public virtual bool HasDoubles => true;

    /// <summary>Bytes of arguments that a kernel may have: CUDA's limit, unless a device has another.</summary>
    public virtual int MostArgumentBytes => 4096;

    /// <summary>Threads of a group of a kernel whose threads don't share anything.</summary>
    public virtual int ThreadsAlone => 256;

    /// <summary>The accelerator that runs kernels with groups of so many threads.</summary>
    public virtual Accelerator ForGroupsOf(int threads) => Accelerator;

    /// <summary>Returns the bytes of device memory that are free, or null where the driver doesn't say.</summary>
    public virtual long? FreeBytes() => null;

    /// <summary>Allocates memory of the host.</summary>
    public abstract nint AllocateHost(nuint bytes);

    /// <summary>Gives memory of the host back.</summary>
    public abstract void FreeHost(nint memory);

    /// <summary>Queues a copy to a block, from an offset in bytes on.</summary>
    public abstract void CopyToDevice(MemoryBuffer to, nuint offset, nint from, nuint bytes);

    /// <summary>Queues a copy from a block, from an offset in bytes on, and starts the work before it.</summary>
    public abstract void CopyToHost(nint to, MemoryBuffer from, nuint offset, nuint bytes);

    /// <summary>Queues that words of four bytes are set.</summary>
    public abstract void Fill(MemoryBuffer buffer, uint word, nuint words);

    /// <summary>Starts what is queued, where a driver keeps it to itself until then.</summary>
    public virtual void Flush()
    {
    }

    /// <summary>Queues a mark.</summary>
    /// <param name="mark">An older mark, which is used again or given back, or 0; it becomes the new one.</param>
    public abstract void Mark(ref nint mark);

    /// <summary>Waits until the queue has come to a mark.</summary>
    public abstract void Wait(nint mark);

    /// <summary>Gives a mark back.</summary>
    public abstract void Drop(nint mark);

    /// <summary>Milliseconds from one mark to another, both reached; the device has to be opened for timing.</summary>
    public abstract double Milliseconds(nint from, nint to);

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => Stream.Synchronize();

    /// <summary>Gives up a device that failed, in place of <see cref="Dispose"/>.</summary>
    public virtual void Abandon()
    {
    }

    /// <summary>Gives stream, accelerator and context back.</summary>
    public virtual void Dispose()
    {
        Stream.Dispose();
        Accelerator.Dispose();
        Context.Dispose();
    }
}

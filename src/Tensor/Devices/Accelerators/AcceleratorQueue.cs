using ILGPU;
using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>
/// An ILGPU accelerator with a stream of its own, and the driver's calls that a training step needs besides launches: page-locked host
/// memory, queued copies, and events. Every call may throw an <see cref="AcceleratorException"/>.
/// </summary>
internal abstract class AcceleratorQueue : IDisposable
{
    protected AcceleratorQueue(Context context, Accelerator accelerator)
    {
        Context = context;
        Accelerator = accelerator;
        try
        {
            Stream = accelerator.CreateStream(); // CUDA's default is the null stream, which waits for all others and can't be captured
        }
        catch (Exception)
        {
            GC.SuppressFinalize(accelerator); // nobody holds it, and its finalizer would meet the same fault
            throw;
        }
    }

    /// <summary>The context that compiles for it.</summary>
    protected Context Context { get; }

    /// <summary>ILGPU's device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The stream of all work.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>Whether kernels may compute with doubles.</summary>
    public virtual bool HasDoubles => true;

    /// <summary>The most bytes of a kernel's arguments, where a view has 16: CUDA's limit, unless a device has another.</summary>
    public virtual int MaxArgumentBytes => 4096;

    /// <summary>The threads of a group of a kernel whose threads share nothing.</summary>
    public virtual int ThreadsAlone => 256;

    /// <summary>Returns the accelerator for kernels with groups of a number of threads.</summary>
    public virtual Accelerator ForGroupsOf(int threads) => Accelerator;

    /// <summary>Returns the bytes of device memory that are free, or null where the driver doesn't say.</summary>
    public virtual long? FreeBytes() => null;

    /// <summary>Allocates page-locked memory of the host.</summary>
    public abstract nint AllocateHost(nuint bytes);

    /// <summary>Frees memory of the host.</summary>
    public abstract void FreeHost(nint memory);

    /// <summary>Queues a copy to a block, from an offset in bytes on.</summary>
    public abstract void CopyToDevice(MemoryBuffer to, nuint offset, nint from, nuint bytes);

    /// <summary>Queues a copy from a block, from an offset in bytes on, and starts the work before it.</summary>
    public abstract void CopyToHost(nint to, MemoryBuffer from, nuint offset, nuint bytes);

    /// <summary>Queues that words of four bytes are set.</summary>
    public abstract void Fill(MemoryBuffer buffer, uint word, nuint words);

    /// <summary>Starts queued work, on drivers that don't do so themselves.</summary>
    public virtual void Flush()
    {
    }

    /// <summary>Whether the driver can capture queued work as a graph.</summary>
    public virtual bool HasGraphs => false;

    /// <summary>Starts to capture what is queued, in place of doing it.</summary>
    public virtual void BeginCapture() => throw new NotSupportedException("this driver has no graphs");

    /// <summary>Ends the capture.</summary>
    /// <param name="keep">Whether the work is wanted.</param>
    /// <returns>The graph, ready to be launched; 0 if it isn't wanted.</returns>
    public virtual nint EndCapture(bool keep) => throw new NotSupportedException("this driver has no graphs");

    /// <summary>Queues a graph.</summary>
    public virtual void LaunchGraph(nint graph) => throw new NotSupportedException("this driver has no graphs");

    /// <summary>Gives a graph back.</summary>
    public virtual void DestroyGraph(nint graph) => throw new NotSupportedException("this driver has no graphs");

    /// <summary>Records an event.</summary>
    /// <param name="evt">An older event, which is reused or released, or 0; it becomes the new one.</param>
    public abstract void Record(ref nint evt);

    /// <summary>Waits for an event.</summary>
    public abstract void Wait(nint evt);

    /// <summary>Releases an event.</summary>
    public abstract void Release(nint evt);

    /// <summary>Returns the milliseconds between two events that have occurred; the device must be opened for timing.</summary>
    public abstract double Milliseconds(nint from, nint to);

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => Stream.Synchronize();

    /// <summary>Abandons a device that failed, instead of <see cref="Dispose"/>.</summary>
    public virtual void Abandon()
    {
    }

    /// <summary>Disposes the stream, the accelerator and the context.</summary>
    public virtual void Dispose()
    {
        Stream.Dispose();
        Accelerator.Dispose();
        Context.Dispose();
    }
}

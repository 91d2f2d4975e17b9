using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Tensors;

/// <summary>A CUDA device and its stream.</summary>
internal sealed unsafe partial class CudaQueue : AcceleratorQueue
{
    private readonly CudaEventFlags _timing;

    public CudaQueue(Context context, CudaDevice device, bool timed)
        : base(context, device.CreateCudaAccelerator(context)) =>
        _timing = timed ? CudaEventFlags.CU_EVENT_DEFAULT : CudaEventFlags.CU_EVENT_DISABLE_TIMING;

    private static CudaAPI Cuda => CudaAPI.CurrentAPI;

    private nint Handle => ((CudaStream)Stream).StreamPtr;

    /// <inheritdoc/>
    public override long? FreeBytes() => ((CudaAccelerator)Accelerator).GetFreeMemory();

    /// <inheritdoc/>
    public override nint AllocateHost(nuint bytes)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.AllocateHostMemory(out nint memory, (nint)bytes));
        return memory;
    }

    /// <inheritdoc/>
    public override void FreeHost(nint memory)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.FreeHostMemory(memory));
    }

    /// <inheritdoc/>
    public override void CopyToDevice(MemoryBuffer to, nuint offset, nint from, nuint bytes) =>
        Copy(to.NativePtr + (nint)offset, from, bytes);

    /// <inheritdoc/>
    public override void CopyToHost(nint to, MemoryBuffer from, nuint offset, nuint bytes) =>
        Copy(to, from.NativePtr + (nint)offset, bytes);

    /// <inheritdoc/>
    public override void Fill(MemoryBuffer buffer, uint word, nuint words)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(MemsetD32((ulong)buffer.NativePtr, word, words, Handle));
    }

    /// <inheritdoc/>
    public override bool HasGraphs => true;

    /// <inheritdoc/>
    public override void BeginCapture()
    {
        const int Relaxed = 2; // other threads, and calls such as an allocation's, go on
        Accelerator.Bind();
        CudaException.ThrowIfFailed(StreamBeginCapture(Handle, Relaxed));
    }

    /// <inheritdoc/>
    public override nint EndCapture(bool keep)
    {
        Accelerator.Bind();
        nint graph = 0, ready = 0;
        var ended = StreamEndCapture(Handle, &graph);
        try
        {
            if (!keep)
                return 0; // a capture that was cut off ends with an error, which says nothing new
            CudaException.ThrowIfFailed(ended);
            CudaException.ThrowIfFailed(GraphInstantiate(&ready, graph, 0));
            return ready;
        }
        finally
        {
            if (graph != 0)
                _ = GraphDestroy(graph);
        }
    }

    /// <inheritdoc/>
    public override void LaunchGraph(nint graph)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(GraphLaunch(graph, Handle));
    }

    /// <inheritdoc/>
    public override void DestroyGraph(nint graph)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(GraphExecDestroy(graph));
    }

    /// <inheritdoc/>
    public override void Record(ref nint evt)
    {
        Accelerator.Bind();
        if (evt == 0)
            CudaException.ThrowIfFailed(Cuda.CreateEvent(out evt, _timing));
        CudaException.ThrowIfFailed(Cuda.RecordEvent(evt, Handle));
    }

    /// <inheritdoc/>
    public override void Wait(nint evt)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.SynchronizeEvent(evt));
    }

    /// <inheritdoc/>
    public override void Release(nint evt)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.DestroyEvent(evt));
    }

    /// <inheritdoc/>
    public override double Milliseconds(nint from, nint to)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.ElapsedTime(out float milliseconds, from, to));
        return milliseconds;
    }

    /// <inheritdoc/>
    /// <remarks>The context takes all its memory, modules and events along.</remarks>
    public override void Abandon()
    {
        if (Accelerator.NativePtr != 0)
            _ = Cuda.DestroyContext(Accelerator.NativePtr);
    }

    private void Copy(nint to, nint from, nuint bytes)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.MemcpyAsync(to, from, (nint)bytes, Stream));
    }

    // ILGPU has no graphs.
    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuStreamBeginCapture_v2")]
    private static partial CudaError StreamBeginCapture(nint stream, int mode);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuStreamEndCapture")]
    private static partial CudaError StreamEndCapture(nint stream, nint* graph);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuGraphInstantiateWithFlags")] // since CUDA 11.4
    private static partial CudaError GraphInstantiate(nint* ready, nint graph, ulong flags);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuGraphLaunch")]
    private static partial CudaError GraphLaunch(nint ready, nint stream);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuGraphDestroy")]
    private static partial CudaError GraphDestroy(nint graph);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuGraphExecDestroy")]
    private static partial CudaError GraphExecDestroy(nint ready);

    // ILGPU sets bytes only.
    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuMemsetD32Async")]
    private static partial CudaError MemsetD32(ulong to, uint word, nuint words, nint stream);
}

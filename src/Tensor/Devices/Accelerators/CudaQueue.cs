using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Util;

namespace GanFromScratch.Tensors;

/// <summary>A CUDA device and its stream.</summary>
internal sealed partial class CudaQueue : AcceleratorQueue
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
    public override void Mark(ref nint mark)
    {
        Accelerator.Bind();
        if (mark == 0)
            CudaException.ThrowIfFailed(Cuda.CreateEvent(out mark, _timing));
        CudaException.ThrowIfFailed(Cuda.RecordEvent(mark, Handle));
    }

    /// <inheritdoc/>
    public override void Wait(nint mark)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.SynchronizeEvent(mark));
    }

    /// <inheritdoc/>
    public override void Drop(nint mark)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.DestroyEvent(mark));
    }

    /// <inheritdoc/>
    public override double Milliseconds(nint from, nint to)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.ElapsedTime(out float milliseconds, from, to));
        return milliseconds;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// They make the context current first. Where the device is lost that throws, and what a finalizer throws ends the process. Those of a
    /// disposed accelerator do nothing.
    /// </remarks>
    public override void Silence() => MarkDisposed(Accelerator);

    /// <inheritdoc/>
    /// <remarks>The context takes all its memory, modules and events along.</remarks>
    public override void Abandon()
    {
        Silence();
        if (Accelerator.NativePtr != 0)
            _ = Cuda.DestroyContext(Accelerator.NativePtr);
        GC.SuppressFinalize(Accelerator);
    }

    private void Copy(nint to, nint from, nuint bytes)
    {
        Accelerator.Bind();
        CudaException.ThrowIfFailed(Cuda.MemcpyAsync(to, from, (nint)bytes, Stream));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MarkDisposed_Unsafe")]
    private static extern bool MarkDisposed(DisposeBase accelerator);

    // ILGPU sets bytes only.
    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuMemsetD32Async")]
    private static partial CudaError MemsetD32(ulong to, uint word, nuint words, nint stream);
}

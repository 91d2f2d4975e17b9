using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tensors;

/// <summary>
/// An OpenCL device and its in-order queue. ILGPU's copies between host and device have no events and copy whole host buffers only; hence
/// the few functions of the loader below.
/// </summary>
internal sealed unsafe partial class OpenClQueue : AcceleratorQueue
{
    private const ulong MapReadWrite = 3;
    private const uint ProfilingEnd = 0x1283;

    private readonly Dictionary<nint, nint> _hostBuffers = [];

    public OpenClQueue(Context context, CLDevice device)
        : base(context, device.CreateCLAccelerator(context))
    {
        long most = device.GetDeviceInfo<nint>(CLDeviceInfoType.CL_DEVICE_MAX_PARAMETER_SIZE);
        MaxArgumentBytes = (int)Math.Min(int.MaxValue, most * 2 / 3); // ILGPU adds the buffer's 8 bytes to the 16 of a view
    }

    private static CLAPI Cl => CLAPI.CurrentAPI;

    private nint Handle => ((CLStream)Stream).CommandQueue;

    /// <inheritdoc/>
    public override bool HasDoubles => ((CLAccelerator)Accelerator).Capabilities.Float64;

    /// <inheritdoc/>
    public override int MaxArgumentBytes { get; }

    // A mapped buffer is how drivers are asked for host memory that copies needn't pass through a buffer of their own.
    /// <inheritdoc/>
    public override nint AllocateHost(nuint bytes)
    {
        const CLBufferFlags Flags = CLBufferFlags.CL_MEM_READ_WRITE | CLBufferFlags.CL_MEM_ALLOC_HOST_PTR;
        CLException.ThrowIfFailed(Cl.CreateBuffer(Accelerator.NativePtr, Flags, (nint)bytes, 0, out nint buffer));
        CLError code;
        nint memory = EnqueueMapBuffer(Handle, buffer, 1, MapReadWrite, 0, bytes, 0, null, null, &code);
        if (code != CLError.CL_SUCCESS)
            _ = Cl.ReleaseBuffer(buffer);
        CLException.ThrowIfFailed(code);
        _hostBuffers.Add(memory, buffer);
        return memory;
    }

    /// <inheritdoc/>
    public override void FreeHost(nint memory)
    {
        _hostBuffers.Remove(memory, out nint buffer);
        CLException.ThrowIfFailed(EnqueueUnmapMemObject(Handle, buffer, memory, 0, null, null));
        Synchronize();
        CLException.ThrowIfFailed(Cl.ReleaseBuffer(buffer));
    }

    /// <inheritdoc/>
    public override void CopyToDevice(MemoryBuffer to, nuint offset, nint from, nuint bytes) =>
        CLException.ThrowIfFailed(Cl.WriteBuffer(Stream, to.NativePtr, false, (nint)offset, (nint)bytes, from));

    /// <inheritdoc/>
    public override void CopyToHost(nint to, MemoryBuffer from, nuint offset, nuint bytes)
    {
        CLException.ThrowIfFailed(Cl.ReadBuffer(Stream, from.NativePtr, false, (nint)offset, (nint)bytes, to));
        Flush(); // its reader comes late, and must not be the one who starts the work
    }

    /// <inheritdoc/>
    public override void Fill(MemoryBuffer buffer, uint word, nuint words) =>
        CLException.ThrowIfFailed(Cl.FillBuffer(Stream, buffer.NativePtr, word, 0, (nint)(words * sizeof(uint))));

    /// <inheritdoc/>
    public override void Flush() => CLException.ThrowIfFailed(Cl.FlushCommandQueue(Handle));

    /// <inheritdoc/>
    public override void Record(ref nint evt)
    {
        if (evt != 0)
            Release(evt);
        nint done;
        CLException.ThrowIfFailed(EnqueueMarker(Handle, 0, null, &done));
        evt = done;
    }

    /// <inheritdoc/>
    public override void Wait(nint evt) => CLException.ThrowIfFailed(WaitForEvents(1, &evt));

    /// <inheritdoc/>
    public override void Release(nint evt) => CLException.ThrowIfFailed(ReleaseEvent(evt));

    /// <inheritdoc/>
    public override double Milliseconds(nint from, nint to)
    {
        ulong start, end; // in nanoseconds
        CLException.ThrowIfFailed(GetEventProfilingInfo(from, ProfilingEnd, sizeof(ulong), &start, null));
        CLException.ThrowIfFailed(GetEventProfilingInfo(to, ProfilingEnd, sizeof(ulong), &end, null));
        return (end - start) / 1e6;
    }

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clEnqueueMapBuffer")]
    private static partial nint EnqueueMapBuffer(
        nint queue, nint buffer, uint blocking, ulong flags, nuint offset, nuint bytes,
        uint count, nint* waitFor, nint* done, CLError* code);

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clEnqueueUnmapMemObject")]
    private static partial CLError EnqueueUnmapMemObject(nint queue, nint buffer, nint memory, uint count, nint* waitFor, nint* done);

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clEnqueueMarkerWithWaitList")]
    private static partial CLError EnqueueMarker(nint queue, uint count, nint* waitFor, nint* done);

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clWaitForEvents")]
    private static partial CLError WaitForEvents(uint count, nint* events);

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clReleaseEvent")]
    private static partial CLError ReleaseEvent(nint done);

    [LibraryImport(DriverLibraries.OpenCl, EntryPoint = "clGetEventProfilingInfo")]
    private static partial CLError GetEventProfilingInfo(nint done, uint what, nuint size, void* value, nuint* needed);
}

using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GanFromScratch.Tensors;

/// <summary>
/// ILGPU's accelerator on the processor, for a debugger and for tests without a GPU: kernels run as C#, each thread of a group as a thread
/// of the machine. Work has ended when its call returns.
/// </summary>
/// <remarks>
/// A launch's cost grows with the accelerator's threads, whatever the kernel needs. So there are several accelerators, created on demand.
/// </remarks>
internal sealed unsafe class EmulatedQueue(Context context) : AcceleratorQueue(context, Make(context, Few))
{
    private const int Few = 4; // threads: of a warp, and of an accelerator for kernels that share nothing

    private readonly Dictionary<int, Accelerator> _larger = [];

    /// <inheritdoc/>
    public override int ThreadsAlone => Few;

    /// <inheritdoc/>
    public override Accelerator ForGroupsOf(int threads)
    {
        if (threads <= Few)
            return Accelerator;
        if (!_larger.TryGetValue(threads, out var found))
            _larger.Add(threads, found = Make(Context, threads));
        return found;
    }

    /// <inheritdoc/>
    public override nint AllocateHost(nuint bytes) => (nint)NativeMemory.Alloc(bytes);

    /// <inheritdoc/>
    public override void FreeHost(nint memory) => NativeMemory.Free((void*)memory);

    /// <inheritdoc/>
    public override void CopyToDevice(MemoryBuffer to, nuint offset, nint from, nuint bytes) =>
        NativeMemory.Copy((void*)from, (void*)(to.NativePtr + (nint)offset), bytes);

    /// <inheritdoc/>
    public override void CopyToHost(nint to, MemoryBuffer from, nuint offset, nuint bytes) =>
        NativeMemory.Copy((void*)(from.NativePtr + (nint)offset), (void*)to, bytes);

    /// <inheritdoc/>
    public override void Fill(MemoryBuffer buffer, uint word, nuint words) =>
        new Span<uint>((void*)buffer.NativePtr, (int)words).Fill(word);

    /// <inheritdoc/>
    public override void Record(ref nint evt) => evt = (nint)System.Diagnostics.Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void Wait(nint evt)
    {
    }

    /// <inheritdoc/>
    public override void Release(nint evt)
    {
    }

    /// <inheritdoc/>
    public override double Milliseconds(nint from, nint to) => System.Diagnostics.Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var accelerator in _larger.Values)
            accelerator.Dispose();
        base.Dispose();
    }

    private static CPUAccelerator Make(Context context, int threads) =>
        new CPUDevice(Few, threads / Few, 1).CreateCPUAccelerator(context, CPUAcceleratorMode.Parallel);
}

using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>A block of an accelerator's memory.</summary>
internal sealed class AcceleratorStorage(Device device, int capacity, MemoryBuffer buffer) : Storage(device, capacity)
{
    /// <summary>ILGPU's buffer.</summary>
    public MemoryBuffer Buffer => buffer;
}

/// <summary>
/// A device behind ILGPU: CUDA, OpenCL, or ILGPU's emulation of a graphics card on the processor. Work is queued: a call returns before it
/// is done, and all work is done in the order of the calls.
/// </summary>
public sealed partial class AcceleratorDevice : Device
{
    private const int LaunchesPerFlush = 32;

    private readonly AcceleratorQueue _queue;
    private readonly DeviceSettings _settings;
    private readonly KernelTimings? _timings;
    private readonly Dictionary<MethodInfo, Delegate> _kernels = [];
    private readonly HashSet<MemoryBuffer> _blocks = [];
    private DeviceException? _failure; // the first one, after which nothing new is made
    private StagingRing? _staging;
    private ReadbackRing? _late;
    private int _launchesToFlush = LaunchesPerFlush;

    internal AcceleratorDevice(DeviceDescription description, DeviceSettings settings, Func<AcceleratorQueue> open)
    {
        (Description, _settings) = (description, settings);
        try
        {
            _queue = open();
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw new DeviceException(
                $"The device {Description} can't be opened: {AcceleratorFault.Describe(fault)}. "
                + "Other programs may be using it, its memory may be full, or its driver is broken.",
                fault);
        }
        _timings = settings.DebugLevel >= 2 ? new KernelTimings(description.Name, Milliseconds) : null;
        if (settings.DebugLevel >= 1)
            settings.Log.WriteLine($"{Description}: {Description.Driver}, {ByteCount.Describe(Description.Memory)}");
    }

    /// <inheritdoc/>
    public override string Name => Description.Name;

    /// <summary>What the driver says of the device.</summary>
    public DeviceDescription Description { get; }

    /// <summary>The threads of a group of a kernel whose threads share nothing.</summary>
    public int ThreadsAlone => _queue.ThreadsAlone;

    /// <summary>The stream that kernels are launched on.</summary>
    public AcceleratorStream Stream => _queue.Stream;

    /// <summary>Whether kernels may compute with doubles.</summary>
    public bool HasDoubles => _queue.HasDoubles;

    /// <summary>The most bytes of a kernel's arguments, where a view has 16.</summary>
    public int MaxArgumentBytes => _queue.MaxArgumentBytes;

    /// <summary>Whether large enough matrix products round their operands to TF32, with other bits than the processor's.</summary>
    public bool Fast => _settings.Fast && Description.IsAmpereOrNewer;

    /// <summary>The kernels launched so far.</summary>
    public long Launches { get; private set; }

    /// <summary>Whether a call returns only when its work is done.</summary>
    public bool IsImmediate => _queue is EmulatedQueue;

    private string Taken => ByteCount.Describe((ulong)AllocatedBytes);

    /// <inheritdoc/>
    public override void Synchronize()
    {
        RefuseWhileCaptured("it waits for the device");
        try
        {
            _queue.Synchronize();
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("finished its work", fault);
        }
    }

    /// <summary>Returns a kernel's view of a tensor of this device.</summary>
    public ArrayView<float> View(Tensor tensor) => ((AcceleratorStorage)tensor.Storage).Buffer.AsArrayView<float>(0, tensor.Count);

    /// <summary>Returns a kernel's launcher; compiles the kernel for the device on its first launch.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="threads">The threads of its groups.</param>
    /// <param name="load">Loads a kernel of this signature with ILGPU.</param>
    /// <exception cref="DeviceException">ILGPU, or the driver's compiler, rejects the kernel.</exception>
    public TLauncher Load<TLauncher>(Delegate kernel, int threads, Func<Accelerator, Delegate, int, TLauncher> load)
        where TLauncher : Delegate
    {
        var method = kernel.Method; // not the delegate, whose hash is that of all of its type
        if (_kernels.TryGetValue(method, out var found))
            return (TLauncher)found;
        RefuseWhileCaptured("it launches a kernel for the first time");
        RequireAlive();
        using var log = new BuildLog();
        try
        {
            var loaded = load(_queue.ForGroupsOf(threads), kernel, threads);
            if (_settings.DebugLevel >= 3)
                _settings.Log.WriteLine(TextOf(loaded.GetCompiledKernel()));
            _kernels.Add(method, loaded);
            return loaded;
        }
        catch (Exception fault) when (
            (fault as TypeLoadException ?? fault.InnerException as TypeLoadException) is { } hidden and not EntryPointNotFoundException)
        {
            throw new DeviceException(
                $"The kernel {method.Name} can't be launched on {Description}: {hidden.Message.TrimEnd('.')}. "
                + "ILGPU's launchers name the types of a kernel's arguments: make them public, or internal with "
                + "[assembly: InternalsVisibleTo(\"ILGPURuntime\")].",
                fault);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            if (AcceleratorFault.IsOutOfMemory(fault))
                throw OutOfMemory($"the kernel {method.Name}", fault);
            if (AcceleratorFault.IsLoss(fault))
                throw Failed($"loaded {method.Name}", fault);
            throw new DeviceException(
                $"The kernel {method.Name} can't be compiled for {Description}: {AcceleratorFault.Describe(fault)}.{log.Says}", fault)
            {
                RejectsKernel = true,
            };
        }
    }

    /// <summary>Notes the start of a launch, for timings.</summary>
    /// <returns>The event before it, or 0.</returns>
    public nint BeginLaunch() => _timings is null ? 0 : Recorded();

    /// <summary>Notes the end of a launch.</summary>
    public void EndLaunch(Delegate kernel, nint from)
    {
        Launches++;
        if (_timings is not null)
        {
            nint to = Recorded();
            _timings.Add(KernelName.Of(kernel.Method), new RunEvents(from, to));
        }
        if (--_launchesToFlush > 0)
            return;
        _launchesToFlush = LaunchesPerFlush;
        try
        {
            _queue.Flush();
        }
        catch (Exception fault) when (IsFault(fault))
        {
            throw Failed("started its work", fault);
        }
    }

    /// <summary>Whether an exception is ILGPU's, or a driver's that ILGPU passes on.</summary>
    public static bool IsFault(Exception fault) => AcceleratorFault.Is(fault);

    /// <summary>Returns the exception for a fault that occurred while the device did something.</summary>
    public DeviceException Failed(string doing, Exception fault)
    {
        if (_recorder is { Captures: true } && !AcceleratorFault.IsLoss(fault))
            throw new NotReplayableException($"the driver can't capture it: {AcceleratorFault.Describe(fault)}"); // nothing has been done
        if (AcceleratorFault.IsOutOfMemory(fault))
            return OutOfMemory("what it was doing", fault);
        SuppressFinalizers();
        return _failure ??= new DeviceException(
            $"The device {Description} failed while it {doing}: {AcceleratorFault.Describe(fault)}. "
            + "What it was computing is lost; run again, or on another device.",
            fault);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        try
        {
            _queue.Synchronize();
            _timings?.Print(_settings.Log);
            _choices?.Save();
            if (_settings.DebugLevel >= 1)
                _settings.Log.WriteLine($"{Description}: {Taken} for tensors, {_kernels.Count} kernels compiled");
            foreach (var work in _recorded.ToArray())
                work.Dispose();
            _staging?.Free();
            _late?.Free();
            foreach (var block in _blocks)
                block.Dispose();
            _queue.Dispose();
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            // A device that failed fails here again, and its user knows already. What isn't given back here is when the process ends.
            SuppressFinalizers();
            _queue.Abandon();
        }
    }

    /// <inheritdoc/>
    protected internal override void Upload(ReadOnlySpan<float> from, Storage to)
    {
        RefuseWhileRecorded("numbers are copied to the device within it");
        try
        {
            (_staging ??= new StagingRing(_queue)).Upload(from, BufferOf(to));
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("took numbers", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override void Download(Storage from, Span<float> to)
    {
        RefuseWhileRecorded("numbers are read back within it");
        try
        {
            (_staging ??= new StagingRing(_queue)).Download(BufferOf(from), to);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("handed numbers over", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override void Fill(Storage storage, int count, float value)
    {
        if (count == 0)
            return; // which drivers call an error
        if (_recorder is { } recorder)
        {
            recorder.Note(storage, (count, value));
            if (IsKept)
            {
                recorder.Launches.Add(() => _queue.Fill(BufferOf(storage), BitConverter.SingleToUInt32Bits(value), (nuint)count));
                return;
            }
        }
        try
        {
            _queue.Fill(BufferOf(storage), BitConverter.SingleToUInt32Bits(value), (nuint)count);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("set numbers", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override void ReadDeferred(Storage from, Span<DeferredScalar> to)
    {
        RefuseWhileRecorded("numbers are read back within it");
        try
        {
            (_late ??= new ReadbackRing(this, _queue)).Ask(BufferOf(from), to);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("was asked for a number", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override float Await(long ticket)
    {
        try
        {
            return _late?.Await(ticket) ?? base.Await(ticket);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("computed a number", fault);
        }
    }

    /// <summary>
    /// Waits for all work before ILGPU creates an object, so that a lost device is noticed here: the finalizer of a half created object
    /// can't be suppressed. Kernels and blocks are created in a loop's first step only.
    /// </summary>
    private void RequireAlive()
    {
        if (_failure is not null)
            throw _failure;
        Synchronize();
    }

    /// <summary>
    /// Suppresses ILGPU's finalizers on a device that failed. They would make its lost context current, and an exception in a finalizer
    /// ends the process.
    /// </summary>
    private void SuppressFinalizers()
    {
        GC.SuppressFinalize(_queue.Accelerator);
        GC.SuppressFinalize(_queue.Accelerator.DefaultStream);
        GC.SuppressFinalize(_queue.Stream);
        foreach (var block in _blocks)
            GC.SuppressFinalize(block);
        foreach (var launcher in _kernels.Values)
            GC.SuppressFinalize(launcher.GetKernel());
    }

    private static MemoryBuffer BufferOf(Storage storage) => ((AcceleratorStorage)storage).Buffer;

    private static string TextOf(CompiledKernel kernel) => kernel switch
    {
        PTXCompiledKernel ptx => ptx.PTXAssembly,
        CLCompiledKernel openCl => openCl.Source,
        _ => $"{kernel.Name} runs as the C# that it is written in",
    };
}

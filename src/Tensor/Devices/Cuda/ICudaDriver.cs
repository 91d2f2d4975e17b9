namespace GanFromScratch.Tensors;

/// <summary>What a CUDA driver says of one of its devices.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Architecture">The compute capability, times ten: 90 for 9.0.</param>
/// <param name="TotalMemory">Bytes of memory.</param>
/// <param name="Multiprocessors">How many multiprocessors it has.</param>
public sealed record CudaDescription(string Name, int Architecture, ulong TotalMemory, int Multiprocessors);

/// <summary>A call that the driver answered with an error.</summary>
/// <param name="code">The driver's number for it.</param>
/// <param name="message">The call, the error's name and the driver's words.</param>
public sealed class CudaException(int code, string message) : DriverException(message)
{
    /// <summary>The driver's number for the error: CUDA_ERROR_OUT_OF_MEMORY is 2.</summary>
    public int Code { get; } = code;

    /// <inheritdoc/>
    public override DriverFault Fault => Code switch
    {
        CudaErrors.OutOfMemory => DriverFault.OutOfMemory,
        CudaErrors.InvalidImage or CudaErrors.NoBinaryForGpu or CudaErrors.InvalidPtx or CudaErrors.UnsupportedPtxVersion => DriverFault.RejectedProgram,
        _ => DriverFault.Failed,
    };
}

/// <summary>The numbers that CUDA gives to errors which mean something of their own here.</summary>
internal static class CudaErrors
{
    public const int OutOfMemory = 2, NoDevice = 100, InvalidImage = 200, NoBinaryForGpu = 209, InvalidPtx = 218, UnsupportedPtxVersion = 222;
}

/// <summary>
/// The few calls of a CUDA driver that a `CudaDevice` makes, all on one device, in one context and one stream. NVIDIA's driver stands
/// behind `CudaDriver`; the tests have one that interprets PTX. Every method throws <see cref="CudaException"/>.
/// </summary>
internal interface ICudaDriver
{
    /// <summary>The newest CUDA that the driver serves: 12040 for 12.4.</summary>
    int Version { get; }

    /// <summary>How many devices there are.</summary>
    int DeviceCount { get; }

    /// <summary>What a device is.</summary>
    CudaDescription Describe(int device);

    /// <summary>Makes the device's context the calling thread's, with a stream for all the calls below.</summary>
    void Open(int device);

    /// <summary>Destroys the stream and gives the context back.</summary>
    void Close();

    /// <summary>Bytes that are free now.</summary>
    ulong FreeMemory();

    /// <summary>Memory of the device.</summary>
    nint Allocate(nuint bytes);

    /// <summary>Gives memory of the device back.</summary>
    void Free(nint memory);

    /// <summary>Memory of the host that copies can run beside the caller's work from and to.</summary>
    nint AllocateHost(nuint bytes);

    /// <summary>Gives it back.</summary>
    void FreeHost(nint memory);

    /// <summary>Queues a copy from host memory of <see cref="AllocateHost"/>.</summary>
    void CopyToDevice(nint to, nint from, nuint bytes);

    /// <summary>Queues a copy to host memory of <see cref="AllocateHost"/>.</summary>
    void CopyToHost(nint to, nint from, nuint bytes);

    /// <summary>Queues that so many words of four bytes are set.</summary>
    void Fill(nint to, uint word, nuint words);

    /// <summary>Compiles PTX to the device's machine code, a cubin. A rejected text is an error whose message holds the compiler's log.</summary>
    byte[] Compile(string ptx);

    /// <summary>Loads machine code and finds the kernel in it.</summary>
    nint Load(ReadOnlySpan<byte> cubin, string kernel);

    /// <summary>Queues a run of a kernel.</summary>
    void Launch(nint kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments);

    /// <summary>A mark for the stream; with <paramref name="timing"/> the time between two of them can be told.</summary>
    nint CreateEvent(bool timing);

    /// <summary>Gives a mark back.</summary>
    void DestroyEvent(nint mark);

    /// <summary>Queues the mark.</summary>
    void Record(nint mark);

    /// <summary>Waits until the stream has come to the mark.</summary>
    void Wait(nint mark);

    /// <summary>Milliseconds from one mark to another, both reached.</summary>
    float Elapsed(nint from, nint to);

    /// <summary>Waits until the stream is done.</summary>
    void Synchronize();
}

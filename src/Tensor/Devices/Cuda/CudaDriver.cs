using System.Runtime.InteropServices;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>NVIDIA's driver, which comes with the graphics driver; nothing of the CUDA toolkit is needed.</summary>
internal sealed unsafe class CudaDriver : ICudaDriver
{
    private const int MultiprocessorCount = 16, CapabilityMajor = 75, CapabilityMinor = 76; // CU_DEVICE_ATTRIBUTE_...
    private const uint NonBlocking = 1, DisableTiming = 2; // CU_STREAM_NON_BLOCKING, CU_EVENT_DISABLE_TIMING

    [ThreadStatic]
    private static nint _current; // the context of this thread

    private readonly CudaLibrary _cuda;
    private readonly CudaLinker _linker;
    private readonly List<nint> _modules = [];
    private int _device;
    private nint _context, _stream;

    /// <summary>Initialises a driver.</summary>
    /// <exception cref="CudaException">It can't be: there is no device, or it doesn't fit the system's kernel.</exception>
    public CudaDriver(DriverLibrary library)
    {
        _cuda = new CudaLibrary(library);
        _linker = new CudaLinker(_cuda, Check);
        Check(_cuda.Init(0), "cuInit");
    }

    /// <summary>The driver's library on each system; macOS has none any more.</summary>
    public static string LibraryName { get; } = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <inheritdoc/>
    public int Version
    {
        get
        {
            int version;
            Check(_cuda.DriverGetVersion(&version), "cuDriverGetVersion");
            return version;
        }
    }

    /// <inheritdoc/>
    public int DeviceCount
    {
        get
        {
            int count;
            Check(_cuda.DeviceGetCount(&count), "cuDeviceGetCount");
            return count;
        }
    }

    /// <summary>The driver of this machine.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    /// <exception cref="CudaException">It can't be initialised.</exception>
    public static CudaDriver Open() => DriverLibrary.Find(LibraryName) is { } library
        ? new CudaDriver(library)
        : throw new DeviceException($"NVIDIA's driver, {LibraryName}, isn't on this machine");

    /// <inheritdoc/>
    public CudaDescription Describe(int device)
    {
        int handle = Handle(device);
        const int NameSize = 256;
        byte* name = stackalloc byte[NameSize];
        Check(_cuda.DeviceGetName(name, NameSize, handle), "cuDeviceGetName");
        nuint memory;
        Check(_cuda.DeviceTotalMem(&memory, handle), "cuDeviceTotalMem");
        int architecture = (10 * Attribute(handle, CapabilityMajor)) + Attribute(handle, CapabilityMinor);
        return new CudaDescription(Text(name), architecture, memory, Attribute(handle, MultiprocessorCount));
    }

    /// <inheritdoc/>
    public void Open(int device)
    {
        _device = Handle(device);
        nint context, stream;
        Check(_cuda.DevicePrimaryCtxRetain(&context, _device), "cuDevicePrimaryCtxRetain");
        _context = context;
        try
        {
            _current = 0; // a new context may have an old one's address
            Enter();
            Check(_cuda.StreamCreate(&stream, NonBlocking), "cuStreamCreate");
            _stream = stream;
        }
        catch (CudaException)
        {
            Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        // A device that failed gives errors here too, and there is nothing left to do about them.
        if (_context != 0)
            _ = _cuda.CtxSetCurrent(_context);
        foreach (nint module in _modules)
            _ = _cuda.ModuleUnload(module);
        _modules.Clear();
        if (_stream != 0)
            _ = _cuda.StreamDestroy(_stream);
        if (_context != 0)
            _ = _cuda.DevicePrimaryCtxRelease(_device);
        _stream = _context = _current = 0;
    }

    /// <inheritdoc/>
    public ulong FreeMemory()
    {
        Enter();
        nuint free, total;
        Check(_cuda.MemGetInfo(&free, &total), "cuMemGetInfo");
        return free;
    }

    /// <inheritdoc/>
    public nint Allocate(nuint bytes)
    {
        Enter();
        ulong memory;
        Check(_cuda.MemAlloc(&memory, bytes), "cuMemAlloc");
        return (nint)memory;
    }

    /// <inheritdoc/>
    public void Free(nint memory)
    {
        Enter();
        Check(_cuda.MemFree((ulong)memory), "cuMemFree");
    }

    /// <inheritdoc/>
    public nint AllocateHost(nuint bytes)
    {
        Enter();
        void* memory;
        Check(_cuda.MemHostAlloc(&memory, bytes, 0), "cuMemHostAlloc");
        return (nint)memory;
    }

    /// <inheritdoc/>
    public void FreeHost(nint memory)
    {
        Enter();
        Check(_cuda.MemFreeHost((void*)memory), "cuMemFreeHost");
    }

    /// <inheritdoc/>
    public void CopyToDevice(nint to, nint from, nuint bytes)
    {
        Enter();
        Check(_cuda.MemcpyHtoDAsync((ulong)to, (void*)from, bytes, _stream), "cuMemcpyHtoDAsync");
    }

    /// <inheritdoc/>
    public void CopyToHost(nint to, nint from, nuint bytes)
    {
        Enter();
        Check(_cuda.MemcpyDtoHAsync((void*)to, (ulong)from, bytes, _stream), "cuMemcpyDtoHAsync");
    }

    /// <inheritdoc/>
    public void Fill(nint to, uint word, nuint words)
    {
        Enter();
        Check(_cuda.MemsetD32Async((ulong)to, word, words, _stream), "cuMemsetD32Async");
    }

    /// <inheritdoc/>
    public byte[] Compile(string ptx)
    {
        Enter();
        return _linker.Compile(ptx);
    }

    /// <inheritdoc/>
    public nint Load(ReadOnlySpan<byte> cubin, string kernel)
    {
        Enter();
        nint module, function;
        fixed (byte* image = cubin)
            Check(_cuda.ModuleLoadData(&module, image), "cuModuleLoadData");
        _modules.Add(module);
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + '\0'))
            Check(_cuda.ModuleGetFunction(&function, module, name), "cuModuleGetFunction");
        return function;
    }

    /// <inheritdoc/>
    public void Launch(nint kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        Enter();
        // The driver takes an address for each argument, and reads as many bytes there as the kernel's parameter has.
        ulong* values = stackalloc ulong[arguments.Length];
        void** places = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Bits;
            places[i] = values + i;
        }
        int code = _cuda.LaunchKernel(kernel, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)groupSize, 1, 1, 0, _stream, places, null);
        Check(code, "cuLaunchKernel");
    }

    /// <inheritdoc/>
    public nint CreateEvent(bool timing)
    {
        Enter();
        nint mark;
        Check(_cuda.EventCreate(&mark, timing ? 0 : DisableTiming), "cuEventCreate");
        return mark;
    }

    /// <inheritdoc/>
    public void DestroyEvent(nint mark)
    {
        Enter();
        Check(_cuda.EventDestroy(mark), "cuEventDestroy");
    }

    /// <inheritdoc/>
    public void Record(nint mark)
    {
        Enter();
        Check(_cuda.EventRecord(mark, _stream), "cuEventRecord");
    }

    /// <inheritdoc/>
    public void Wait(nint mark)
    {
        Enter();
        Check(_cuda.EventSynchronize(mark), "cuEventSynchronize");
    }

    /// <inheritdoc/>
    public float Elapsed(nint from, nint to)
    {
        float milliseconds;
        Check(_cuda.EventElapsedTime(&milliseconds, from, to), "cuEventElapsedTime");
        return milliseconds;
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        Enter();
        Check(_cuda.StreamSynchronize(_stream), "cuStreamSynchronize");
    }

    /// <summary>The driver has a context for each thread; this makes the device's that of the calling one.</summary>
    private void Enter()
    {
        if (_current == _context)
            return;
        Check(_cuda.CtxSetCurrent(_context), "cuCtxSetCurrent");
        _current = _context;
    }

    private int Handle(int device)
    {
        int handle;
        Check(_cuda.DeviceGet(&handle, device), "cuDeviceGet");
        return handle;
    }

    private int Attribute(int handle, int attribute)
    {
        int value;
        Check(_cuda.DeviceGetAttribute(&value, attribute, handle), "cuDeviceGetAttribute");
        return value;
    }

    private void Check(int code, string call) => Check(code, call, "");

    // log: what the compiler said, if it was one
    private void Check(int code, string call, string log)
    {
        if (code == 0)
            return;
        byte* name = null, words = null; // an error that is newer than this driver has neither
        _ = _cuda.GetErrorName(code, &name);
        _ = _cuda.GetErrorString(code, &words);
        string known = name is null ? $"the error {code}" : words is null ? Text(name) : $"{Text(name)} ({Text(words)})";
        throw new CudaException(code, log.Length > 0 ? $"{call} gave {known}\n{log}" : $"{call} gave {known}");
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text)!;
}

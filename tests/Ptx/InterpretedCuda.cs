using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// A CUDA driver with one device, which interprets PTX. Its memory is the host's, its machine code is the text, and nothing is queued: a
/// call that returns is done, and a thread that does what it must not is the exception of the launch.
/// </summary>
/// <param name="architecture">The device's compute capability, times ten.</param>
/// <param name="version">The newest CUDA that it serves: 12040 for 12.4.</param>
/// <param name="memory">Bytes of memory.</param>
internal sealed unsafe class InterpretedCuda(int architecture = 90, int version = 12040, ulong memory = 1ul << 30) : ICudaDriver
{
    private const int InvalidValue = 1;
    private const int OutOfMemory = 2;
    private const int InvalidImage = 200;
    private const int InvalidContext = 201;
    private const int NoBinary = 209;
    private const int InvalidPtx = 218;
    private const int UnsupportedVersion = 222;
    private const int InvalidHandle = 400;
    private const int NotFound = 500;

    private readonly PtxGlobalMemory _global = new();
    private readonly PtxGlobalMemory _host = new();
    private readonly List<PtxKernel> _kernels = [];
    private readonly Dictionary<nint, (bool Timing, long Recorded)> _events = [];
    private PtxMachine? _machine;
    private nint _lastEvent;

    public int Version => version;

    public int DeviceCount => 1;

    /// <summary>Blocks of the device's memory that were not given back.</summary>
    public int Blocks => _global.Blocks;

    /// <summary>Texts compiled so far.</summary>
    public int Compilations { get; private set; }

    /// <summary>Launches so far.</summary>
    public int Launches { get; private set; }

    /// <summary>Instructions of all threads so far.</summary>
    public long Instructions => _machine?.Instructions ?? 0;

    private PtxMachine Machine => _machine ?? throw new CudaException(InvalidContext, "the driver is not open");

    public CudaDescription Describe(int device) =>
        device == 0 ? new("PTX interpreter", architecture, memory, 1) : throw new CudaException(101, $"there is no device {device}");

    public void Open(int device) => _machine = device == 0 ? new(_global) : throw new CudaException(101, $"there is no device {device}");

    public void Close()
    {
        _machine = null;
        _global.FreeAll();
        _host.FreeAll();
        _events.Clear();
        _kernels.Clear();
    }

    public ulong FreeMemory() => memory - _global.Used;

    public nint Allocate(nuint bytes)
    {
        _ = Machine;
        if (bytes == 0)
            throw new CudaException(InvalidValue, "a block of no bytes");
        if (bytes > FreeMemory())
            throw new CudaException(OutOfMemory, $"{bytes} bytes, of {FreeMemory()} that are free");
        return _global.Allocate(bytes);
    }

    public void Free(nint block)
    {
        if (!_global.Free(block))
            throw new CudaException(InvalidValue, $"there is no block 0x{block:X}");
    }

    public nint AllocateHost(nuint bytes) => _host.Allocate(bytes);

    public void FreeHost(nint block)
    {
        if (!_host.Free(block))
            throw new CudaException(InvalidValue, $"there is no block 0x{block:X} of the host's");
    }

    public void CopyToDevice(nint to, nint from, nuint bytes)
    {
        CheckBlock(_global, to, bytes);
        CheckBlock(_host, from, bytes);
        NativeMemory.Copy((void*)from, (void*)to, bytes);
    }

    public void CopyToHost(nint to, nint from, nuint bytes)
    {
        CheckBlock(_global, from, bytes);
        CheckBlock(_host, to, bytes);
        NativeMemory.Copy((void*)from, (void*)to, bytes);
    }

    public void Fill(nint to, uint word, nuint words)
    {
        CheckBlock(_global, to, 4 * words);
        if (to % 4 != 0)
            throw new CudaException(InvalidValue, $"address 0x{to:X} is not aligned to 4 bytes");
        for (nuint i = 0; i < words; i++)
            ((uint*)to)[i] = word;
    }

    public byte[] Compile(string ptx)
    {
        var module = Read(ptx, InvalidPtx);
        if (module.Version > NewestPtx)
            throw new CudaException(UnsupportedVersion, $"PTX {module.Version / 10}.{module.Version % 10} is newer than CUDA {version}");
        if (module.Target > architecture)
            throw new CudaException(NoBinary, $"the text is for sm_{module.Target}, the device is sm_{architecture}");
        Compilations++;
        return Encoding.UTF8.GetBytes(ptx);
    }

    public nint Load(ReadOnlySpan<byte> cubin, string kernel)
    {
        _ = Machine;
        var module = Read(Encoding.UTF8.GetString(cubin), InvalidImage);
        var found = module.Kernels.FirstOrDefault(k => k.Name == kernel);
        _kernels.Add(found ?? throw new CudaException(NotFound, $"there is no kernel '{kernel}'"));
        return _kernels.Count;
    }

    public void Launch(nint kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        if (kernel < 1 || kernel > _kernels.Count)
            throw new CudaException(InvalidHandle, $"there is no kernel {kernel}");
        Launches++;
        Machine.Run(_kernels[(int)kernel - 1], grid, groupSize, arguments);
    }

    public nint CreateEvent(bool timing)
    {
        _ = Machine;
        _events.Add(++_lastEvent, (timing, 0));
        return _lastEvent;
    }

    public void DestroyEvent(nint mark)
    {
        if (!_events.Remove(mark))
            throw new CudaException(InvalidHandle, $"there is no event {mark}");
    }

    public void Record(nint mark)
    {
        ref var found = ref Event(mark);
        found.Recorded = Stopwatch.GetTimestamp();
    }

    public void Wait(nint mark) => Event(mark);

    public float Elapsed(nint from, nint to)
    {
        var (first, last) = (Event(from), Event(to));
        if (!first.Timing || !last.Timing || first.Recorded == 0 || last.Recorded == 0)
            throw new CudaException(InvalidHandle, "an event has no time");
        return (float)Stopwatch.GetElapsedTime(first.Recorded, last.Recorded).TotalMilliseconds;
    }

    public void Synchronize() => _ = Machine;

    // 11.0 came with PTX 7.0, and from there on they count in step.
    private int NewestPtx => version >= 11000 ? (((version / 1000) - 4) * 10) + (version / 10 % 100) : 60;

    private static PtxModule Read(string ptx, int code)
    {
        try
        {
            return PtxReader.Read(ptx);
        }
        catch (PtxTextException wrong)
        {
            throw new CudaException(code, wrong.Message);
        }
    }

    private void CheckBlock(PtxGlobalMemory place, nint from, nuint bytes)
    {
        _ = Machine;
        string whose = place == _host ? "host's" : "device's";
        if (!place.Holds((ulong)from, bytes))
            throw new CudaException(InvalidValue, $"{bytes} bytes at 0x{from:X} are in no block of the {whose} memory");
    }

    private ref (bool Timing, long Recorded) Event(nint mark)
    {
        ref var found = ref CollectionsMarshal.GetValueRefOrNullRef(_events, mark);
        if (Unsafe.IsNullRef(ref found))
            throw new CudaException(InvalidHandle, $"there is no event {mark}");
        return ref found;
    }
}

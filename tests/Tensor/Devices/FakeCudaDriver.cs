using System.Runtime.InteropServices;
using System.Text;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// A CUDA driver as lazy as one may be: what is queued is done only when somebody waits for it. So host memory that is used again too
/// early, or a
/// number that is read too early, shows. Calls can be told to fail.
/// </summary>
internal sealed unsafe class FakeCudaDriver : ICudaDriver
{
    private readonly Dictionary<string, int> _failing = [];
    private readonly Dictionary<nint, int> _marks = [];
    private readonly HashSet<nint> _memory = [];
    private readonly List<Action> _queue = [];
    private nuint _allocated;
    private readonly Dictionary<nint, nuint> _sizes = [];
    private int _done, _names;

    public int Version { get; init; } = 12040;

    public int DeviceCount => Devices.Count;

    public List<CudaDescription> Devices { get; init; } = [new CudaDescription("Fake GPU", 90, 1 << 20, 4)];

    /// <summary>What was queued and isn't done.</summary>
    public int Pending => _queue.Count - _done;

    public int Compiled { get; private set; }

    public List<string> Launched { get; } = [];

    /// <summary>Blocks and marks that nobody gave back.</summary>
    public int Leaked => _memory.Count + _marks.Count;

    public bool IsOpen { get; private set; }

    /// <summary>Makes all calls of a method fail from now on.</summary>
    public void Fail(string method, int code) => _failing[method] = code;

    public CudaDescription Describe(int device) => Devices[device];

    public void Open(int device)
    {
        Check(nameof(Open));
        IsOpen = true;
    }

    public void Close() => IsOpen = false;

    public ulong FreeMemory() => Devices[0].TotalMemory - _allocated;

    public nint Allocate(nuint bytes)
    {
        Check(nameof(Allocate));
        if (_allocated + bytes > Devices[0].TotalMemory)
            throw new CudaException(2, "cuMemAlloc gave CUDA_ERROR_OUT_OF_MEMORY (out of memory)");
        _allocated += bytes;
        nint memory = AllocateHost(bytes);
        _sizes[memory] = bytes;
        return memory;
    }

    public void Free(nint memory)
    {
        _sizes.Remove(memory, out nuint bytes);
        _allocated -= bytes;
        FreeHost(memory);
    }

    public nint AllocateHost(nuint bytes)
    {
        var memory = (nint)NativeMemory.AllocZeroed(bytes);
        _memory.Add(memory);
        return memory;
    }

    public void FreeHost(nint memory)
    {
        if (!_memory.Remove(memory))
            throw new InvalidOperationException("no such memory");
        NativeMemory.Free((void*)memory);
    }

    public void CopyToDevice(nint to, nint from, nuint bytes) => Queue(nameof(CopyToDevice), () => Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes));

    public void CopyToHost(nint to, nint from, nuint bytes) => Queue(nameof(CopyToHost), () => Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes));

    public void Fill(nint to, uint word, nuint words) => Queue(nameof(Fill), () => new Span<uint>((void*)to, (int)words).Fill(word));

    public byte[] Compile(string ptx)
    {
        Check(nameof(Compile));
        Compiled++;
        return ptx.Contains("wrong", StringComparison.Ordinal)
            ? throw new CudaException(218, "cuLinkAddData gave CUDA_ERROR_INVALID_PTX (a PTX JIT compilation failed)\nptxas, line 3; error: wrong\nptxas fatal: aborted")
            : Encoding.UTF8.GetBytes("cubin " + ptx);
    }

    public nint Load(ReadOnlySpan<byte> cubin, string kernel)
    {
        Check(nameof(Load));
        return cubin.StartsWith("cubin "u8) ? ++_names : throw new CudaException(200, "cuModuleLoadData gave CUDA_ERROR_INVALID_IMAGE");
    }

    public void Launch(nint kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        string said = $"{kernel}: {grid.X} {grid.Y} {grid.Z} of {groupSize}, {string.Join(' ', arguments.ToArray().Select(a => $"{a.Bits}/{a.Size}"))}";
        Queue(nameof(Launch), () => Launched.Add(said));
    }

    public nint CreateEvent(bool timing)
    {
        _marks.Add(++_names, 0);
        return _names;
    }

    public void DestroyEvent(nint mark)
    {
        if (!_marks.Remove(mark))
            throw new InvalidOperationException("no such mark");
    }

    public void Record(nint mark) => _marks[mark] = _queue.Count;

    public void Wait(nint mark) => DoUntil(_marks[mark]);

    public float Elapsed(nint from, nint to) => _marks[to] - _marks[from];

    public void Synchronize() => DoUntil(_queue.Count);

    private void Queue(string method, Action action)
    {
        Check(method);
        _queue.Add(action);
    }

    private void DoUntil(int end)
    {
        Check(nameof(Synchronize)); // a lost device says so when it is waited for
        for (; _done < end; _done++)
            _queue[_done]();
    }

    private void Check(string method)
    {
        if (_failing.TryGetValue(method, out int code))
            throw new CudaException(code, $"cu{method} gave error {code}");
    }
}

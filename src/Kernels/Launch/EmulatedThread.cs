using System.Runtime.InteropServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>A thread of a kernel that runs as plain C#: what <see cref="Group"/> and <see cref="Grid"/> ask.</summary>
internal sealed unsafe class EmulatedThread(EmulatedGroup group, int number)
{
    [ThreadStatic]
    private static EmulatedThread? _current;

    private readonly List<nint> _local = [];
    private int _sharedSoFar;

    /// <summary>The kernel's thread that this thread of the machine runs.</summary>
    public static EmulatedThread Current
    {
        get => _current ?? throw new InvalidOperationException("only a kernel that a launch runs may ask for its group or its memory");
        set => _current = value;
    }

    public EmulatedGroup Group { get; } = group;

    public int Number { get; } = number;

    public ArrayView<T> SharedView<T>(int length)
        where T : unmanaged => new(Group.Shared(_sharedSoFar++, length * sizeof(T)), length);

    public ArrayView<T> LocalView<T>(int length)
        where T : unmanaged
    {
        var block = (nint)NativeMemory.AlignedAlloc((nuint)(length * sizeof(T)), 16);
        new Span<byte>((void*)block, length * sizeof(T)).Fill(0xff); // NaN: what is read before it is written shows
        _local.Add(block);
        return new(block, length);
    }

    public float Shuffled(float value, int lane) => Group.Shuffled(value, Number, (Number / Warp.WarpSize * Warp.WarpSize) + lane);

    /// <summary>Gives the thread's own memory back.</summary>
    public void End()
    {
        foreach (nint block in _local)
            NativeMemory.AlignedFree((void*)block);
        _local.Clear();
        _current = null;
    }
}

/// <summary>A group of such threads, with its shared memory.</summary>
internal sealed unsafe class EmulatedGroup(GridSize grid, GridSize place, int size, Turns? turns) : IDisposable
{
    private readonly List<(nint Block, int Bytes)> _shared = [];
    private readonly float[] _shuffled = new float[size];

    public GridSize Grid { get; } = grid;

    public GridSize Place { get; } = place;

    public int Size { get; } = size;

    public void Barrier(int thread)
    {
        if (turns is null)
            throw new InvalidOperationException("Group.Barrier: a kernel with an Index1D runs thread by thread; take the index from Grid and Group instead");
        turns.Barrier(thread);
    }

    /// <summary>The group's n-th block of shared memory: the same for each of its threads.</summary>
    public nint Shared(int n, int bytes)
    {
        if (n == _shared.Count)
        {
            _shared.Add(((nint)NativeMemory.AlignedAlloc((nuint)bytes, 16), bytes));
            new Span<byte>((void*)_shared[n].Block, bytes).Fill(0xff);
        }
        return _shared[n].Bytes == bytes
            ? _shared[n].Block
            : throw new InvalidOperationException("SharedMemory.Allocate: the threads of a group ask for different memory");
    }

    public float Shuffled(float value, int from, int to)
    {
        _shuffled[from] = value;
        Barrier(from);
        float found = _shuffled[to];
        Barrier(from);
        return found;
    }

    public void Dispose()
    {
        foreach (var (block, _) in _shared)
            NativeMemory.AlignedFree((void*)block);
    }
}

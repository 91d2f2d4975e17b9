namespace GanFromScratch.Tests;

/// <summary>The memory of a kernel's variables: it may be used inside of them alone, and read only where it was written.</summary>
internal class PtxDeclaredMemory : PtxMemory
{
    private readonly string _name;
    private readonly byte[] _bytes;
    private readonly bool[] _declared; // one for each word
    private readonly bool[] _written;

    /// <param name="name">"shared" or "local".</param>
    /// <param name="variables">What is in it, with gaps between.</param>
    public PtxDeclaredMemory(string name, IReadOnlyList<PtxVariable> variables)
    {
        _name = name;
        _bytes = new byte[variables.Count > 0 ? variables.Max(variable => variable.Address + variable.Bytes) : 0];
        _declared = new bool[_bytes.Length / 4];
        _written = new bool[_bytes.Length / 4];
        foreach (var variable in variables)
            _declared.AsSpan(variable.Address / 4, variable.Bytes / 4).Fill(true);
    }

    protected int Words => _written.Length;

    /// <summary>Makes it as it is before the block's, or the thread's, first instruction.</summary>
    public virtual void Clear() => Array.Clear(_written);

    public override ref byte At(ulong address, int bytes, PtxAccess access, int thread)
    {
        // The gaps are longer than any access, so that first and last word lie in one variable.
        ulong first = address / 4, last = (address + (ulong)bytes - 1) / 4;
        if (last >= (ulong)_declared.Length || !_declared[first] || !_declared[last])
            throw new PtxFault(PtxFault.IllegalAddress, $"{bytes} bytes at address {address} are in no variable of {_name} memory");
        for (ulong word = first; word <= last; word++)
        {
            if (access != PtxAccess.Write && !_written[word])
                throw new PtxFault(PtxFault.LaunchFailed, $"{_name} memory is read at address {4 * word}, where nothing was written");
            Use((int)word, access, thread);
            _written[word] = true;
        }
        return ref _bytes[address];
    }

    /// <summary>Takes note of an access to a word.</summary>
    protected virtual void Use(int word, PtxAccess access, int thread)
    {
    }
}

/// <summary>The memory that the threads of a block share: it finds those that use a word at once, without a barrier between.</summary>
internal sealed class PtxSharedMemory : PtxDeclaredMemory
{
    private const int Several = -1;

    private readonly Uses[] _uses;
    private int _stretch = 1; // from one barrier to the next

    public PtxSharedMemory(IReadOnlyList<PtxVariable> variables)
        : base("shared", variables) => _uses = new Uses[Words];

    public override void Clear()
    {
        base.Clear();
        Barrier();
    }

    /// <summary>All threads have come to a barrier.</summary>
    public void Barrier() => _stretch++;

    // Writes get into the way of everything; reads of writes and atomics; atomics of reads and writes.
    protected override void Use(int word, PtxAccess access, int thread)
    {
        ref var uses = ref _uses[word];
        Check(uses.Write, "written", word, thread);
        if (access != PtxAccess.Read)
            Check(uses.Read, "read", word, thread);
        if (access != PtxAccess.Atomic)
            Check(uses.Atomic, "changed atomically", word, thread);
        switch (access)
        {
            case PtxAccess.Write:
                uses.Write.Add(_stretch, thread);
                break;
            case PtxAccess.Read:
                uses.Read.Add(_stretch, thread);
                break;
            default:
                uses.Atomic.Add(_stretch, thread);
                break;
        }
    }

    private void Check(Stamp stamp, string done, int word, int thread)
    {
        if (stamp.Stretch != _stretch || stamp.Thread == thread)
            return;
        string other = stamp.Thread == Several ? "other threads" : $"thread {stamp.Thread}";
        string message = $"a race: shared memory at address {4 * word} was {done} by {other}, and there is no barrier between";
        throw new PtxFault(PtxFault.LaunchFailed, message);
    }

    private struct Uses
    {
        public Stamp Write;
        public Stamp Read;
        public Stamp Atomic;
    }

    private struct Stamp
    {
        public int Stretch;
        public int Thread;

        public void Add(int stretch, int thread)
        {
            Thread = Stretch == stretch && Thread != thread ? Several : thread;
            Stretch = stretch;
        }
    }
}

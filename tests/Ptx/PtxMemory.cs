using System.Runtime.InteropServices;

namespace GanFromScratch.Tests;

internal enum PtxAccess
{
    Read,
    Write,
    Atomic,
}

/// <summary>Memory that checks who uses it.</summary>
internal abstract class PtxMemory
{
    /// <summary>The first byte at an address that so many bytes may be used from. The address is aligned to them.</summary>
    /// <exception cref="PtxFault">They may not.</exception>
    public abstract ref byte At(ulong address, int bytes, PtxAccess access, int thread);
}

/// <summary>The device's memory: blocks of the host's that the driver has handed out. New ones are full of NaN.</summary>
internal sealed unsafe class PtxGlobalMemory : PtxMemory
{
    private const int Alignment = 256;

    private readonly SortedList<ulong, ulong> _ends = [];
    private ulong _from = 1; // the block used last
    private ulong _to;

    /// <summary>Bytes in blocks.</summary>
    public ulong Used { get; private set; }

    public int Blocks => _ends.Count;

    public nint Allocate(nuint bytes)
    {
        var memory = NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Fill(memory, bytes, 0xFF);
        _ends.Add((ulong)memory, (ulong)memory + bytes);
        Used += bytes;
        return (nint)memory;
    }

    /// <returns>Whether there was such a block.</returns>
    public bool Free(nint memory)
    {
        if (!_ends.Remove((ulong)memory, out ulong end))
            return false;
        Used -= end - (ulong)memory;
        (_from, _to) = (1, 0);
        NativeMemory.AlignedFree((void*)memory);
        return true;
    }

    public void FreeAll()
    {
        foreach (ulong memory in _ends.Keys.ToArray())
            Free((nint)memory);
    }

    /// <summary>Whether so many bytes lie within one block.</summary>
    public bool Holds(ulong address, ulong bytes)
    {
        if (address >= _from && address < _to && bytes <= _to - address)
            return true;
        int low = 0, high = _ends.Count; // the first block behind the address
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ends.GetKeyAtIndex(middle) <= address)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return false;
        (_from, _to) = (_ends.GetKeyAtIndex(low - 1), _ends.GetValueAtIndex(low - 1));
        return address < _to && bytes <= _to - address;
    }

    public override ref byte At(ulong address, int bytes, PtxAccess access, int thread)
    {
        if (!Holds(address, (ulong)bytes))
            throw new PtxFault(PtxFault.IllegalAddress, $"{bytes} bytes at {Place(address)} are in no block of the device's memory");
        return ref *(byte*)address;
    }

    // "4 bytes behind a block of 400" says more than an address
    private string Place(ulong address)
    {
        foreach (var (from, to) in _ends)
        {
            if (address + Alignment >= from && address < from)
                return $"{from - address} bytes before a block of {to - from}";
            if (address >= from && address < to + Alignment)
                return $"place {address - from} of a block of {to - from} bytes";
        }
        return $"address 0x{address:X}";
    }
}

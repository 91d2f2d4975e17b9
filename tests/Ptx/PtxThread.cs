using System.Runtime.CompilerServices;

namespace GanFromScratch.Tests;

/// <summary>Where a thread has stopped.</summary>
internal enum PtxStop
{
    None,
    Shuffle,
    Barrier,
    End,
}

/// <summary>A register, or something else that is read, and whether anything was written to it.</summary>
internal struct PtxSlot(ulong value)
{
    public ulong Value = value;
    public bool Written = true;
}

/// <summary>One thread of a block. It runs alone until it has to wait for others.</summary>
internal sealed class PtxThread(int number, PtxKernel kernel, PtxGlobalMemory global, PtxSharedMemory shared)
{
    // No kernel of a test does so much from one barrier to the next; one that does waits for a thread that waits for it.
    private const long MostInstructions = 50_000_000;

    private readonly PtxInstruction[] _code = kernel.Code;
    private readonly PtxSlot[] _slots = new PtxSlot[kernel.Slots];
    private readonly PtxDeclaredMemory? _local = kernel.Local.Count > 0 ? new PtxDeclaredMemory("local", kernel.Local) : null;
    private int _place; // in the code

    public int Number => number;

    public PtxStop Stop { get; private set; }

    /// <summary>The number of the instruction that it is at.</summary>
    public int Place => _place;

    /// <summary>The instruction that it is at.</summary>
    public PtxInstruction Instruction => _code[_place];

    /// <summary>Instructions run in all.</summary>
    public long Count { get; private set; }

    /// <summary>Makes it a thread of a new block.</summary>
    /// <param name="slots">The slots as all threads have them at first.</param>
    public void Start(PtxSlot[] slots)
    {
        slots.CopyTo(_slots, 0);
        Set("%tid.x", number);
        Set("%laneid", number % PtxWarp.Size);
        _local?.Clear();
        _place = 0;
        Stop = PtxStop.None;
    }

    /// <summary>Lets it go on behind the instruction that it stopped at.</summary>
    public void Continue()
    {
        _place++;
        Stop = PtxStop.None;
    }

    /// <summary>The value in a slot.</summary>
    /// <exception cref="PtxFault">There is none.</exception>
    public ulong Read(int slot)
    {
        ref var read = ref _slots[slot];
        return read.Written ? read.Value : throw Unwritten(slot);
    }

    public void Write(int slot, ulong value)
    {
        ref var written = ref _slots[slot];
        written.Value = value;
        written.Written = true;
    }

    /// <summary>Runs until it has to wait for others, or ends.</summary>
    public void Run()
    {
        long last = Count + MostInstructions;
        var code = _code;
        while (true)
        {
            var i = code[_place];
            if (++Count > last)
                throw new PtxFault(PtxFault.LaunchFailed, $"{MostInstructions} instructions without a barrier: this does not end");
            if (i.Guard >= 0 && Read(i.Guard) == i.SkippedBy)
            {
                _place++;
                continue;
            }
            switch (i.Kind)
            {
                case PtxKind.Compute:
                    Write(i.Result, i.Function(Read(i.A), Read(i.B), Read(i.C)));
                    break;
                case PtxKind.Load:
                    Load(i);
                    break;
                case PtxKind.Store:
                    Store(i);
                    break;
                case PtxKind.Atomic:
                    ref byte word = ref At(i, PtxAccess.Atomic);
                    ulong old = Unsafe.ReadUnaligned<uint>(ref word);
                    Unsafe.WriteUnaligned(ref word, (uint)i.Function(old, Read(i.B), Read(i.C)));
                    Write(i.Result, old);
                    break;
                case PtxKind.Branch:
                    _place = i.Target;
                    continue;
                case PtxKind.Shuffle:
                    Stop = PtxStop.Shuffle;
                    return;
                case PtxKind.Barrier:
                    Stop = PtxStop.Barrier;
                    return;
                default:
                    Stop = PtxStop.End;
                    return;
            }
            _place++;
        }
    }

    private void Load(PtxInstruction i)
    {
        ref byte from = ref At(i, PtxAccess.Read);
        for (int e = 0; e < i.Elements.Length; e++)
        {
            ref byte element = ref Unsafe.Add(ref from, e * i.Size);
            Write(i.Elements[e], i.Size == 4 ? Unsafe.ReadUnaligned<uint>(ref element) : Unsafe.ReadUnaligned<ulong>(ref element));
        }
    }

    private void Store(PtxInstruction i)
    {
        ref byte to = ref At(i, PtxAccess.Write);
        for (int e = 0; e < i.Elements.Length; e++)
        {
            ref byte element = ref Unsafe.Add(ref to, e * i.Size);
            ulong value = Read(i.Elements[e]);
            if (i.Size == 4)
                Unsafe.WriteUnaligned(ref element, (uint)value);
            else
                Unsafe.WriteUnaligned(ref element, value);
        }
    }

    private ref byte At(PtxInstruction i, PtxAccess access)
    {
        ulong address = (Read(i.A) + i.Offset) & i.AddressMask;
        int bytes = i.Size * i.Elements.Length;
        if ((address & (ulong)(bytes - 1)) != 0)
            throw new PtxFault(PtxFault.MisalignedAddress, $"address 0x{address:X} is not aligned to {bytes} bytes");
        switch (i.Space)
        {
            case PtxSpace.Global:
                return ref global.At(address, bytes, access, number);
            case PtxSpace.Shared:
                return ref shared.At(address, bytes, access, number);
            default:
                if (_local is null)
                    throw new PtxFault(PtxFault.IllegalAddress, "the kernel has no local memory");
                return ref _local.At(address, bytes, access, number);
        }
    }

    private void Set(string special, int value)
    {
        if (kernel.Specials.TryGetValue(special, out int slot))
            Write(slot, (ulong)value);
    }

    private PtxFault Unwritten(int slot)
    {
        string register = kernel.Registers.First(named => named.Value == slot).Key;
        return new PtxFault(PtxFault.LaunchFailed, $"{register} is read, and nothing was written to it");
    }
}

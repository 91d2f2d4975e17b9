namespace GanFromScratch.Tests;

/// <summary>A text of PTX, read.</summary>
/// <param name="Version">The language's version, times ten.</param>
/// <param name="Target">The least compute capability, times ten.</param>
/// <param name="Kernels">Its entries.</param>
internal sealed record PtxModule(int Version, int Target, IReadOnlyList<PtxKernel> Kernels);

/// <summary>A kernel's parameter and the slot that an argument goes to.</summary>
internal sealed record PtxParameter(string Name, PtxType Type, int Slot);

/// <summary>An array in shared or local memory.</summary>
internal sealed record PtxVariable(string Name, int Address, int Bytes);

/// <summary>A kernel ready to run. A thread has slots: its registers, and everything else that is read by name or as a number.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Parameters">In their order.</param>
/// <param name="MostThreads">The most threads that a block may have.</param>
/// <param name="ExactThreads">How many it must have, or null.</param>
/// <param name="Code">The instructions, the last being a return.</param>
/// <param name="Registers">The registers and their slots.</param>
/// <param name="Slots">How many slots there are.</param>
/// <param name="Constants">Numbers and addresses of variables, and their slots.</param>
/// <param name="Specials">Special registers, "%tid.x", and their slots.</param>
/// <param name="Shared">The variables of a block.</param>
/// <param name="Local">The variables of a thread.</param>
internal sealed record PtxKernel(
    string Name,
    IReadOnlyList<PtxParameter> Parameters,
    int MostThreads,
    int? ExactThreads,
    PtxInstruction[] Code,
    IReadOnlyDictionary<string, int> Registers,
    int Slots,
    IReadOnlyDictionary<ulong, int> Constants,
    IReadOnlyDictionary<string, int> Specials,
    IReadOnlyList<PtxVariable> Shared,
    IReadOnlyList<PtxVariable> Local);

internal enum PtxKind
{
    Compute,
    Load,
    Store,
    Atomic,
    Branch,
    Shuffle,
    Barrier,
    Return,
}

internal enum PtxSpace
{
    Global,
    Shared,
    Local,
}

/// <summary>An instruction with every name in it replaced by the number of a slot.</summary>
/// <param name="Line">Its line in the text.</param>
/// <param name="Text">As it was written.</param>
internal sealed record PtxInstruction(int Line, string Text)
{
    public PtxKind Kind { get; init; }

    /// <summary>The predicate that it depends on, or -1.</summary>
    public int Guard { get; init; } = -1;

    /// <summary>The value of the predicate that skips it.</summary>
    public ulong SkippedBy { get; init; }

    public int Result { get; init; } = -1;
    public int A { get; init; }
    public int B { get; init; }
    public int C { get; init; }

    /// <summary>Of Compute (a, b, c), and of Atomic (what was there, b, c).</summary>
    public PtxFunction Function { get; init; } = (a, _, _) => a;

    // of Load, Store and Atomic: the address is A + Offset

    public PtxSpace Space { get; init; }
    public ulong Offset { get; init; }

    /// <summary>The bits that an address has.</summary>
    public ulong AddressMask { get; init; }

    /// <summary>Bytes of one element.</summary>
    public int Size { get; init; }

    /// <summary>The slots loaded or stored: one, or a vector's two or four.</summary>
    public int[] Elements { get; init; } = [];

    /// <summary>Of Branch: where to.</summary>
    public int Target { get; init; }

    /// <summary>Of Shuffle: the lane asked, from the own lane, b and c.</summary>
    public PtxShuffle Shuffle { get; init; }

    /// <summary>Of Shuffle: the slot of its mask of lanes.</summary>
    public int Members { get; init; }

    /// <summary>Of Shuffle: the predicate that tells whether the lane was in range, or -1.</summary>
    public int InRange { get; init; } = -1;
}

internal enum PtxShuffle
{
    Bfly,
    Down,
    Up,
    Idx,
}

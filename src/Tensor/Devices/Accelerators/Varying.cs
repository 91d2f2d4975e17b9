using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Tensors;

/// <summary>
/// Where a kernel finds numbers that change from step to step, such as a learning rate: among its arguments, or, in work that is recorded
/// once and replayed, in a block of the device's memory that is written before each replay.
/// </summary>
/// <param name="Block">The block.</param>
/// <param name="Slot">The place of the first number; -1 if they are among the arguments.</param>
public readonly record struct Varying(ArrayView<float> Block, int Slot)
{
    /// <summary>Gets whether they are in the block.</summary>
    public bool IsInBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Slot >= 0;
    }

    /// <summary>Returns a number.</summary>
    /// <param name="i">Which of them.</param>
    /// <param name="argument">What it is where they are among the arguments.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Get(int i, float argument) => Slot >= 0 ? Block[Slot + i] : argument;

    /// <summary>Returns a number of 64 bits that takes two places.</summary>
    /// <param name="argument">What it is where they are among the arguments.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Get(ulong argument)
    {
        if (Slot < 0)
            return argument;
        var words = Block.Cast<uint>();
        return ((ulong)words[Slot + 1] << 32) | words[Slot];
    }
}

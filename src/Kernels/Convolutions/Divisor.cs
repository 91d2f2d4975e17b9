using System.Numerics;
using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// Divides numbers that aren't negative by a positive one that was known before: a product and a shift, where a GPU takes some twenty
/// instructions to divide.
/// </summary>
internal readonly record struct Divisor
{
    private readonly uint _multiplier;
    private readonly int _shift;

    /// <summary>Divides by a number; by 1 if there is none.</summary>
    public Divisor(int number)
    {
        uint by = (uint)Math.Max(number, 1);
        _shift = 63 - BitOperations.LeadingZeroCount(by - 1); // 31 and the bits of by - 1: exact for all n below 2^31
        _multiplier = (uint)(((1UL << _shift) + by - 1) / by);
    }

    /// <summary>Returns n / number, rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(int n) => (int)(((ulong)(uint)n * _multiplier) >> _shift);
}

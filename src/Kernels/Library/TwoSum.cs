using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// A sum with what rounding took from it (Knuth's two-sum): nearly that of doubles, by additions of floats that every device rounds alike.
/// </summary>
/// <param name="Sum">The rounded sum.</param>
/// <param name="Lost">The sum of what its additions lost.</param>
internal readonly record struct TwoSum<V>(V Sum, V Lost)
    where V : struct, ILane<V>
{
    /// <summary>The sum, rounded once.</summary>
    public V Total
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sum + Lost;
    }

    /// <summary>Returns the sum with a term added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TwoSum<V> Plus(V term)
    {
        V next = Sum + term, added = next - Sum;
        return new(next, Lost + ((Sum - (next - added)) + (term - added)));
    }
}

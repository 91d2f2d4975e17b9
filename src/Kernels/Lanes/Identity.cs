using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>y = x: the activation of a layer that has none, and what a plain sum sums.</summary>
public readonly record struct Identity : IPiecewiseLinear
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => dy;
}

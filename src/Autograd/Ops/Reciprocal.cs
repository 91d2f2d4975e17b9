using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = 1 / x</summary>
public readonly record struct Reciprocal : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Of(1f) / x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => -(y * y) * dy;
}

/// <summary>The op of <see cref="Autograd.Reciprocal"/>.</summary>
public static class ReciprocalOps
{
    /// <summary>y = 1 / x</summary>
    public static Var Reciprocal(this Var x) => x.Map(default(Reciprocal));
}

using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = x²</summary>
public readonly record struct Square : IMap
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => x * x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => (x + x) * dy;
}

/// <summary>The op of <see cref="Autograd.Square"/>.</summary>
public static class SquareOps
{
    /// <summary>y = x²</summary>
    public static Var Square(this Var x) => x.Map(default(Square));
}

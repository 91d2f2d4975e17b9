using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = √x</summary>
public readonly record struct Sqrt : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Sqrt(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => dy / (y + y);
}

/// <summary>The op of <see cref="Autograd.Sqrt"/>.</summary>
public static class SqrtOps
{
    /// <summary>y = √x</summary>
    public static Var Sqrt(this Var x) => x.Map(default(Sqrt));
}

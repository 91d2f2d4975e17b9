using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = eˣ</summary>
public readonly record struct Exp : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Exp(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => y * dy;
}

/// <summary>The op of <see cref="Autograd.Exp"/>.</summary>
public static class ExpOps
{
    /// <summary>y = eˣ</summary>
    public static Var Exp(this Var x) => x.Map(default(Exp));
}

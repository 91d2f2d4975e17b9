using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = tanh x</summary>
public readonly record struct Tanh : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => (V.Of(1f) - y * y) * dy;
}

/// <summary>The op of <see cref="Autograd.Tanh"/>.</summary>
public static class TanhOps
{
    /// <summary>y = tanh x</summary>
    public static Var Tanh(this Var x) => x.Map(default(Tanh));
}

using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = ln(1 + eˣ), computed as max(x, 0) + ln(1 + e^-|x|), which cannot overflow.</summary>
public readonly record struct Softplus : IMap
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.IfPositive(x, x, V.Of(0f)) + V.Log1P(V.Exp(-V.Abs(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => default(Sigmoid).Forward(x) * dy;
}

/// <summary>The op of <see cref="Autograd.Softplus"/>.</summary>
public static class SoftplusOps
{
    /// <summary>y = ln(1 + eˣ)</summary>
    public static Var Softplus(this Var x) => x.Map(default(Softplus));
}

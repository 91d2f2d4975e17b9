using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = x where x &gt; 0, else 0</summary>
public readonly record struct Relu : IPiecewiseLinear, INamedActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.IfPositive(x, x, V.Of(0f));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.IfPositive(x, dy, V.Of(0f));

    ActivationSpec INamedActivation.Spec => new("ReLU");
}

/// <summary>The op of <see cref="Autograd.Relu"/>.</summary>
public static class ReluOps
{
    /// <summary>y = x where x &gt; 0, else 0</summary>
    public static Var Relu(this Var x) => x.Map(default(Relu));
}

using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = x where x &gt; 0, else slope·x (Maas et al., 2013).</summary>
/// <param name="Slope">The slope left of 0, at least 0: the derivative is computed from y, whose sign must be that of x.</param>
/// <exception cref="ArgumentOutOfRangeException">The slope is negative.</exception>
public readonly record struct LeakyRelu(float Slope) : IPiecewiseLinear, INamedActivation
{
    /// <summary>The slope left of 0.</summary>
    public float Slope { get; } = Slope >= 0
        ? Slope
        : throw new ArgumentOutOfRangeException(
            nameof(Slope), $"LeakyRelu: the slope {Slope} is negative, so the output would not tell the input's side");

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.IfPositive(x, x, V.Of(Slope) * x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.IfPositive(x, dy, V.Of(Slope) * dy);

    ActivationSpec INamedActivation.Spec => new("LeakyReLU", Slope);
}

/// <summary>The op of <see cref="Autograd.LeakyRelu"/>.</summary>
public static class LeakyReluOps
{
    /// <summary>y = x where x &gt; 0, else slope·x</summary>
    public static Var LeakyRelu(this Var x, float slope = 0.2f) => x.Map(new LeakyRelu(slope));
}

using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>
/// Binary cross-entropy of a probability p against one target t: -t·ln p - (1-t)·ln(1-p). As in Keras p is first clipped to [epsilon,
/// 1-epsilon], so that the logarithms stay finite; no gradient flows where it was.
/// </summary>
/// <param name="Target">The target, 0 to 1.</param>
/// <param name="Epsilon">The distance from 0 and 1 that probabilities are clipped to.</param>
public readonly record struct Bce(float Target, float Epsilon) : IMap
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V>
    {
        V low = V.Of(Epsilon), high = V.Of(1f - Epsilon);
        V p = V.IfPositive(x - low, V.IfPositive(high - x, x, high), low);
        return V.Of(-Target) * V.Log(p) + V.Of(Target - 1f) * V.Log(V.Of(1f) - p);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V>
    {
        V within = dy * (x - V.Of(Target)) / (x * (V.Of(1f) - x));
        return V.IfPositive(x - V.Of(Epsilon), V.IfPositive(V.Of(1f - Epsilon) - x, within, V.Of(0f)), V.Of(0f));
    }
}

/// <summary>The op of <see cref="Autograd.Bce"/>.</summary>
public static class BceOps
{
    /// <summary>
    /// The mean binary cross-entropy of probabilities against one target. For logits use <see cref="BceWithLogitsOps.BceWithLogits"/>,
    /// which loses no digits.
    /// </summary>
    public static Var Bce(this Var probabilities, float target, float epsilon = 1e-7f) =>
        probabilities.MeanOf(new Bce(target, epsilon));
}

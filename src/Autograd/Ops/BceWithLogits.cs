using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Binary cross-entropy of sigmoid(x) against one target t, without the sigmoid's loss of digits: softplus(x) - t·x.</summary>
/// <param name="Target">The target, 0 to 1.</param>
public readonly record struct BceWithLogits(float Target) : IMap
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => default(Softplus).Forward(x) - V.Of(Target) * x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => (default(Sigmoid).Forward(x) - V.Of(Target)) * dy;
}

/// <summary>The op of <see cref="Autograd.BceWithLogits"/>.</summary>
public static class BceWithLogitsOps
{
    /// <summary>The mean binary cross-entropy of logits against one target.</summary>
    public static Var BceWithLogits(this Var logits, float target) => logits.MeanOf(new BceWithLogits(target));

    /// <summary>
    /// D's loss of a plain GAN: the mean binary cross-entropy of logits on real pictures against 1 and that of logits on generated ones
    /// against 0, added.
    /// </summary>
    public static Var BceWithLogitsOfBoth(Var onReal, Var onFake) =>
        SumOfMapOps.MeansOf(new BceWithLogits(1f), onReal, new BceWithLogits(0f), onFake);
}

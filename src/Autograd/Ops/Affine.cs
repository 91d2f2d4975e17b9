using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = factor·x + offset</summary>
/// <param name="Factor">The factor.</param>
/// <param name="Offset">The offset.</param>
public readonly record struct Affine(float Factor, float Offset) : IPiecewiseLinear
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.MultiplyAdd(V.Of(Factor), x, V.Of(Offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.Of(Factor) * dy;
}

/// <summary>The ops of <see cref="Affine"/>.</summary>
public static class AffineOps
{
    /// <summary>y = factor·x</summary>
    public static Var Scale(this Var x, float factor) => x.Map(new Affine(factor, 0f));

    /// <summary>y = (constant·scalar)·x, where the scalar changes from step to step.</summary>
    public static Var Scale(this Var x, float constant, StepScalar scalar)
    {
        var at = scalar.On(x.Tape.Device);
        return x.Map(new ScaleBy(constant, at.IsInBlock ? 0f : scalar.Current, at));
    }

    /// <summary>y = x + offset</summary>
    public static Var Offset(this Var x, float offset) => x.Map(new Affine(1f, offset));
}

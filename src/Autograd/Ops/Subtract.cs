using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = a - b</summary>
public readonly record struct Subtract : IZip
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : struct, ILane<V> => a - b;
}

/// <summary>The ops of <see cref="Autograd.Subtract"/>.</summary>
public static class SubtractOps
{
    /// <summary>y = a - b, element by element.</summary>
    public static Var Subtract(this Var a, Var b) => a.Zip(default(Subtract), b, static (a, b) => new SubtractOp(a, b));
}

internal sealed class SubtractOp(Var a, Var b) : Op(a, b)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        gradients.Add(A, dy);
        if (gradients.Needs(B))
            gradients.Add(B!, dy.Scale(-1f));
    }
}


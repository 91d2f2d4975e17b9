using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = a · b</summary>
public readonly record struct Multiply : IZip
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : struct, ILane<V> => a * b;
}

/// <summary>The ops of <see cref="Autograd.Multiply"/>.</summary>
public static class MultiplyOps
{
    /// <summary>y = a · b, element by element.</summary>
    public static Var Multiply(this Var a, Var b) => a.Zip(default(Multiply), b, static (a, b) => new MultiplyOp(a, b));

    /// <summary>y[n,c] = a[n,c] · row[c]</summary>
    public static Var MultiplyRow(this Var a, Var row) => a.ZipRow(default(Multiply), row, static (a, row) => new MultiplyRowOp(a, row));
}

internal sealed class MultiplyOp(Var a, Var b) : Op(a, b)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        if (gradients.Needs(A))
            gradients.Add(A, dy.Multiply(B!));
        if (gradients.Needs(B))
            gradients.Add(B!, dy.Multiply(A));
    }
}

internal sealed class MultiplyRowOp(Var a, Var row) : Op(a, row)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        if (gradients.Needs(A))
            gradients.Add(A, dy.MultiplyRow(B!));
        if (gradients.Needs(B))
            gradients.Add(B!, SumOps.SumRows(dy.Multiply(A), B!.Shape));
    }
}

using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

// Not in Ops, where the others are: gradients are added up with it, recorded where they are to be differentiated again.

/// <summary>y = a + b</summary>
public readonly record struct Add : IZip
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : struct, ILane<V> => a + b;
}

/// <summary>The op of <see cref="Autograd.Add"/>.</summary>
public static class AddOps
{
    /// <summary>y = a + b, element by element.</summary>
    public static Var Add(this Var a, Var b)
    {
        var y = a.Tape.Rent(a.Shape);
        Elementwise.Zip(default(Add), a.Value, b.Value, y);
        return a.Tape.Record(y, a.Tape.Records(a, b) ? new AddOp(a, b) : null);
    }
}

internal sealed class AddOp(Var a, Var b) : Op(a, b)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        gradients.Add(A, dy);
        gradients.Add(B!, dy);
    }
}

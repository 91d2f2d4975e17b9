using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = a + b</summary>
public readonly record struct Add : IZip
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : struct, ILane<V> => a + b;
}

/// <summary>The ops of <see cref="Autograd.Add"/>.</summary>
public static class AddOps
{
    /// <summary>y = a + b, element by element.</summary>
    public static Var Add(this Var a, Var b) => a.Zip(default(Add), b, static (a, b) => new AddOp(a, b));

    /// <summary>y[n,c] = a[n,c] + row[c]</summary>
    public static Var AddRow(this Var a, Var row) => a.ZipRow(default(Add), row, static (a, row) => new AddRowOp(a, row));
}

internal sealed class AddOp(Var a, Var b) : Op(a, b)
{
    public override void Backward(Var y, Var dy, Flow flow)
    {
        flow.Add(A, dy);
        flow.Add(B!, dy);
    }
}

internal sealed class AddRowOp(Var a, Var row) : Op(a, row)
{
    public override void Backward(Var y, Var dy, Flow flow)
    {
        flow.Add(A, dy);
        if (flow.Needs(B))
            flow.Add(B!, SumOps.SumRows(dy, B!.Shape));
    }
}

namespace GanFromScratch.Autograd;

/// <summary>The addition of a row, such as a bias, to every row.</summary>
public static class AddRowOps
{
    /// <summary>y[n,c] = a[n,c] + row[c]</summary>
    public static Var AddRow(this Var a, Var row) => a.ZipRow(default(Add), row, static (a, row) => new AddRowOp(a, row));
}

internal sealed class AddRowOp(Var a, Var row) : Op(a, row)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        gradients.Add(A, dy);
        if (gradients.Needs(B))
            gradients.Add(B!, SumOps.SumRows(dy, B!.Shape));
    }
}

namespace GanFromScratch.Autograd;

/// <summary>The matrix product, and the dense layer that is made of it.</summary>
public static class MatMulOps
{
    /// <summary>y[M,N] = a·b, where a is [M,K], or [K,M] if transposed, and b is [K,N], or [N,K] if transposed.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var MatMul(this Var a, Var b, bool transposeA = false, bool transposeB = false)
    {
        var y = a.Tape.Rent(Kernels.MatMul.ResultShape(a.Shape, transposeA, b.Shape, transposeB));
        Kernels.MatMul.Run(a.Value, transposeA, b.Value, transposeB, y);
        return a.Tape.Record(y, a.Tape.Records(a, b) ? new MatMulOp(a, b, transposeA, transposeB) : null);
    }
}

internal sealed class MatMulOp(Var a, Var b, bool transposeA, bool transposeB) : Op(a, b)
{
    // Each gradient is a product again; which side is transposed follows from the shapes.
    public override void Backward(Var y, Var dy, Flow flow)
    {
        if (transposeA)
            flow.AddProduct(A, B!, dy, transposeB, true);
        else
            flow.AddProduct(A, dy, B!, false, !transposeB);
        if (transposeB)
            flow.AddProduct(B!, dy, A, true, transposeA);
        else
            flow.AddProduct(B!, A, dy, !transposeA, false);
    }
}

using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>The matrix product.</summary>
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

internal static class MatMulGradients
{
    /// <summary>
    /// Adds a·b as a share of a value's gradient. Where nothing is recorded, a weight's is deferred, a sum is continued in place, and an
    /// activation's slope is applied as the product is stored, whichever is possible.
    /// </summary>
    public static void AddProduct(
        this GradientAccumulator gradients, Var v, Var a, Var b, bool transposeA = false, bool transposeB = false)
    {
        var store = gradients.Store;
        if (!store.Needs(v))
            return;
        if (v.Tape.Recording)
        {
            gradients.Add(v, a.MatMul(b, transposeA, transposeB));
            return;
        }
        if (transposeA && !transposeB && store.TryDefer(v, a, b))
            return;
        var sum = store.Find(v);
        var activated = gradients.FusableActivation(v);
        if (activated is not null && !transposeA && transposeB)
        {
            gradients.AddPreActivation(v, activated.MatMulActivationBackward(v, a, b));
        }
        else if (activated is null && sum is not null && store.IsOwned(v))
        {
            MatMul.Accumulate(a.Value, transposeA, b.Value, transposeB, sum.Value);
        }
        else
        {
            gradients.Add(v, a.MatMul(b, transposeA, transposeB));
            store.Own(v); // a product, or the sum of one and what was there: new either way
        }
    }
}

internal sealed class MatMulOp(Var a, Var b, bool transposeA, bool transposeB) : Op(a, b)
{
    // Each gradient is a product again; which side is transposed follows from the shapes.
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        if (transposeA)
            gradients.AddProduct(A, B!, dy, transposeB, true);
        else
            gradients.AddProduct(A, dy, B!, false, !transposeB);
        if (transposeB)
            gradients.AddProduct(B!, dy, A, true, transposeA);
        else
            gradients.AddProduct(B!, A, dy, !transposeA, false);
    }
}

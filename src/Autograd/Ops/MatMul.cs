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
    /// Adds a·b as a share of a value's gradient. A weight's is deferred, a sum is continued in place, both where nothing is recorded, and
    /// an activation's slope is applied as the product is stored, whichever is possible.
    /// </summary>
    public static void AddProduct(
        this GradientAccumulator gradients, Var v, Var a, Var b, bool transposeA = false, bool transposeB = false)
    {
        var store = gradients.Store;
        if (!store.Needs(v))
            return;
        bool recording = v.Tape.Recording;
        if (!recording && transposeA && !transposeB && store.TryDefer(v, a, b))
            return;
        var activated = gradients.FusableActivation(v);
        if (activated is not null && !transposeA)
        {
            gradients.AddPreActivation(v, activated.MatMulActivationBackward(v, a, b, transposeB));
        }
        else if (!recording && activated is null && store.Find(v) is { } sum && store.IsOwned(v))
        {
            MatMul.Accumulate(a.Value, transposeA, b.Value, transposeB, sum.Value);
        }
        else
        {
            gradients.Add(v, a.MatMul(b, transposeA, transposeB));
            if (!recording)
                store.Own(v); // a product, or the sum of one and what was there: new either way
        }
    }

    /// <summary>dz = f'(y) · (dy·w), where w may be transposed: one op, unless f' changes with y and that is to be recorded.</summary>
    public static Var Sloped<F>(F f, Var y, Var dy, Var w, bool transposeW)
        where F : struct, IActivation
    {
        var tape = y.Tape;
        if (tape.Recording && f is not IPiecewiseLinear)
            return MapOps.MapGradient(f, y, y, dy.MatMul(w, transposeB: transposeW), ofOutput: true);
        var dz = tape.Rent(y.Shape);
        MatMul.Backward(dy.Value, w.Value, transposeW, f, y.Value, dz);
        return tape.Record(dz, tape.Records(dy, w) ? new SlopedMatMulOp<F>(f, y, dy, w, transposeW) : null);
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

/// <summary>dz = f'(y) · (dy·w) as an op of dy and w, for an f whose second derivative is 0.</summary>
internal sealed class SlopedMatMulOp<F>(F f, Var y, Var dy, Var w, bool transposeW) : SlopedOp<F>(f, y, dy, w)
    where F : struct, IActivation
{
    public override void Backward(Var dz, Var product, GradientAccumulator gradients)
    {
        gradients.AddProduct(A, product, B!, false, !transposeW);
        if (transposeW)
            gradients.AddProduct(B!, product, A, true, false);
        else
            gradients.AddProduct(B!, A, product, true, false);
    }
}

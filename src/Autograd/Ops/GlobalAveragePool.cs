using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,H,W,C]: the gradient of a sum over pixels is a repeat, and that of a repeat a sum.

/// <summary>The mean over a picture's pixels.</summary>
public static class GlobalAveragePoolOps
{
    /// <summary>y[n,c] = the mean of x[n,i,j,c] over all pixels (i,j).</summary>
    /// <exception cref="ArgumentException">x has no pictures, or some without pixels.</exception>
    public static Var GlobalAveragePool(this Var x)
    {
        _ = PooledShape(x.Shape);
        return SumOfPixels(x, 1f / (x.Shape[1] * x.Shape[2]));
    }

    internal static Shape PooledShape(Shape pictures) => pictures.Rank == 4 && pictures[1] * pictures[2] > 0
        ? new(pictures[0], pictures[3])
        : throw new ArgumentException($"GlobalAveragePool: {pictures} are no pictures [N, rows, columns, channels] with pixels");

    internal static Var SumOfPixels(Var x, float scale)
    {
        var y = x.Tape.Rent(new Shape(x.Shape[0], x.Shape[3]));
        Pixels.SumPixels(x.Value, scale, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumOfPixelsOp(x, scale) : null);
    }

    internal static Var RepeatToPixels(Var x, float scale, Shape pictures)
    {
        var y = x.Tape.Rent(pictures);
        Pixels.RepeatPixels(x.Value, scale, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new RepeatToPixelsOp(x, scale) : null);
    }
}

internal sealed class SumOfPixelsOp(Var x, float scale) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        gradients.Add(A, GlobalAveragePoolOps.RepeatToPixels(dy, scale, A.Shape));
}

internal sealed class RepeatToPixelsOp(Var x, float scale) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        gradients.Add(A, GlobalAveragePoolOps.SumOfPixels(dy, scale));
}

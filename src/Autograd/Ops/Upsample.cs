using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,H,W,C]: the gradient of an upsampling is a sum pooling, and that of a sum pooling an upsampling.

/// <summary>Pictures at twice or half their height and width.</summary>
public static class UpsampleOps
{
    /// <summary>y[n,i,j,c] = x[n,i/2,j/2,c], [N,2H,2W,C]: each pixel twice, down and across (nearest neighbour).</summary>
    /// <exception cref="ArgumentException">x has no pictures.</exception>
    public static Var Upsample(this Var x)
    {
        var y = x.Tape.Rent(DoubledShape(x.Shape));
        Pixels.Upsample(x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new UpsampleOp(x) : null);
    }

    /// <summary>y[n,i,j,c] = the sum of the four pixels x[n,2i..2i+1,2j..2j+1,c], [N,H/2,W/2,C].</summary>
    /// <exception cref="ArgumentException">x has no pictures, or some of an odd height or width.</exception>
    public static Var SumPool(this Var x)
    {
        var shape = x.Shape;
        if (shape.Rank != 4 || shape[1] % 2 != 0 || shape[2] % 2 != 0)
            throw new ArgumentException($"SumPool: {shape} are no pictures [N, rows, columns, channels] of an even height and width");
        var y = x.Tape.Rent(new Shape(shape[0], shape[1] / 2, shape[2] / 2, shape[3]));
        Pixels.SumPool(x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumPoolOp(x) : null);
    }

    /// <summary>Returns [N,2H,2W,C] for [N,H,W,C].</summary>
    /// <exception cref="ArgumentException">These are no pictures.</exception>
    internal static Shape DoubledShape(Shape pictures) => pictures.Rank == 4
        ? new Shape(pictures[0], 2 * pictures[1], 2 * pictures[2], pictures[3])
        : throw new ArgumentException($"Upsample: {pictures} are no pictures [N, rows, columns, channels]");
}

internal sealed class UpsampleOp(Var x) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.SumPool());
}

internal sealed class SumPoolOp(Var x) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.Upsample());
}

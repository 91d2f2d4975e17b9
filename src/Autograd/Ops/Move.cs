using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Pictures that are moved by some pixels, and mirrored, at random; the gradient is moved back.</summary>
public static class MoveOps
{
    /// <summary>
    /// y[n,i,j,c] = x[n, i-down, m(j)-right, c], or a number where there is no such pixel; m mirrors columns, or doesn't.
    /// </summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="draws">[N,3], uniform in [0, 1), which decide about each picture.</param>
    /// <param name="move">How far.</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var Move(this Var x, Var draws, PixelMove move)
    {
        var y = x.Tape.Rent(x.Shape);
        Pixels.Move(x.Value, draws.Value, move, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new MoveOp(x, draws, move) : null);
    }
}

internal sealed class MoveOp(Var x, Var draws, PixelMove move) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.Move(draws, move.Reversed));
}

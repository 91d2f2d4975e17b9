using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>The same numbers under another shape.</summary>
public static class ReshapeOps
{
    /// <summary>y = x, row by row under another shape: [6,2] as [3,4] puts rows side by side in pairs. Nothing is copied.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static Var Reshape(this Var x, Shape shape) =>
        x.Tape.Record(x.Value.As(shape), x.Tape.Records(x) ? new ReshapeOp(x) : null);
}

internal sealed class ReshapeOp(Var x) : Op(x)
{
    public override bool IsView => true;

    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.Reshape(A.Shape));
}

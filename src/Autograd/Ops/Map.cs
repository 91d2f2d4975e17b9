using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Formula ops: any <see cref="IMap"/>, element by element.</summary>
public static class MapOps
{
    /// <summary>y = f(x), element by element.</summary>
    public static Var Map<F>(this Var x, F f)
        where F : struct, IMap
    {
        var y = x.Tape.Rent(x.Shape);
        Elementwise.Map(f, x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new MapOp<F>(f, x) : null);
    }

    /// <summary>dx = f'(x) · dy. With <paramref name="ofOutput"/> x is y: f is an activation whose input was not kept.</summary>
    internal static Var MapGradient<F>(F f, Var x, Var y, Var dy, bool ofOutput)
        where F : struct, IMap
    {
        var dx = x.Tape.Rent(x.Shape);
        Elementwise.MapBackward(f, x.Value, y.Value, dy.Value, dx);
        if (f is IPiecewiseLinear)
            return x.Tape.Record(dx, x.Tape.Records(dy) ? new PiecewiseLinearGradientOp<F>(f, dy, x, y, ofOutput) : null);
        return x.Tape.Record(dx, x.Tape.Records(x, dy) ? new MapGradientOp<F>(f, x, dy, y, ofOutput) : null);
    }
}

internal sealed class MapOp<F>(F f, Var x) : Op(x)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        gradients.Add(A, MapOps.MapGradient(f, A, y, dy, ofOutput: false));
}

/// <summary>
/// dx = f'(x) · dy as an op of x and dy: linear in dy, and its derivative by x is that of the formula's own Backward on dual numbers.
/// </summary>
internal sealed class MapGradientOp<F>(F f, Var x, Var dy, Var output, bool ofOutput) : Op(x, dy)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        if (gradients.Needs(B))
            gradients.Add(B!, MapOps.MapGradient(f, A, output, dy, ofOutput));
        if (gradients.Needs(A))
        {
            var tape = A.Tape;
            var second = tape.Rent(A.Shape);
            Elementwise.MapSecondDerivative(f, A.Value, output.Value, B!.Value, dy.Value, second, ofOutput);
            gradients.Add(A, tape.Record(second, tape.Records(A, B, dy) ? new MapSecondDerivativeOp<F>(A, B, dy) : null));
        }
    }
}

/// <summary>The same for a formula whose second derivative is 0: an op of dy alone, so that no sweep goes back to x through it.</summary>
internal sealed class PiecewiseLinearGradientOp<F>(F f, Var dy, Var x, Var output, bool ofOutput) : Op(dy)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        gradients.Add(A, MapOps.MapGradient(f, x, output, dy, ofOutput));
}

/// <summary>The second derivative of a formula. Dual numbers are not nested, so a third one is refused.</summary>
internal sealed class MapSecondDerivativeOp<F>(Var x, Var dy, Var ddx) : Op(x, dy, ddx)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => throw new NotSupportedException(
        $"{typeof(F).Name}: a third derivative is not available; ask for the second with differentiable: false");
}

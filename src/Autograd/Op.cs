using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>What made a value from others, and how its gradient flows back to them.</summary>
/// <param name="a">The first input.</param>
/// <param name="b">The second input, if any.</param>
/// <param name="c">The third input, if any.</param>
public abstract class Op(Var a, Var? b = null, Var? c = null)
{
    /// <summary>The first input.</summary>
    public Var A { get; } = a;

    /// <summary>The second input, if any.</summary>
    public Var? B { get; } = b;

    /// <summary>The third input, if any.</summary>
    public Var? C { get; } = c;

    /// <summary>Whether a sweep wants the gradient of one of the inputs.</summary>
    internal bool IsNeeded(Flow flow) => flow.Needs(A) || flow.Needs(B) || flow.Needs(C);

    /// <summary>Hands each input its share of the gradient, computed by ops, so that it can be differentiated again.</summary>
    public abstract void Backward(Var y, Var dy, Flow flow);
}

/// <summary>
/// An op that ends in an activation. What it is handed as its gradient has been multiplied by the activation's slope already: whoever makes a share of it
/// can often do that in passing, which saves a pass over memory.
/// </summary>
internal abstract class ActivatedOp(Var a, Var? b, Var? c) : Op(a, b, c)
{
    /// <summary>dz = f'(y) · dy</summary>
    public abstract Var Slope(Var y, Var dy);

    /// <summary>dz = f'(y) · (dy·wᵀ), not recorded.</summary>
    public abstract Var SlopeOfProduct(Var y, Var dy, Var w);

    /// <summary>dz = f'(y) · dx, where dx is batch normalisation's gradient with respect to its input y; not recorded.</summary>
    public abstract Var SlopeOfBatchNorm(Var y, Tensor gamma, Tensor mean, Tensor rstd, Var dy, Tensor dGamma, Tensor dBeta);
}

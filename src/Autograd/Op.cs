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

    /// <summary>Hands each input its share of the gradient, computed by ops, so that it can be differentiated again.</summary>
    public abstract void Backward(Var y, Var dy, Flow flow);
}

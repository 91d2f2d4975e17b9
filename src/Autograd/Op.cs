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

    /// <summary>Whether the result is the first input's memory under another shape.</summary>
    public virtual bool IsView => false;

    /// <summary>Whether a sweep needs the gradient of one of the inputs.</summary>
    internal bool NeedsAny(GradientStore store) => store.Needs(A) || store.Needs(B) || store.Needs(C);

    /// <summary>Hands each input its share of the gradient, computed by ops, so that it can be differentiated again.</summary>
    /// <param name="y">The op's result.</param>
    /// <param name="dy">Its gradient.</param>
    /// <param name="gradients">Takes the inputs' shares.</param>
    public abstract void Backward(Var y, Var dy, GradientAccumulator gradients);
}

namespace GanFromScratch.Autograd;

/// <summary>Adds up the gradients of one sweep: ops hand over their shares, and need compute none that is not wanted.</summary>
public readonly struct GradientAccumulator
{
    internal GradientAccumulator(GradientStore store) => Store = store;

    /// <summary>Where the sums are kept.</summary>
    internal GradientStore Store { get; }

    /// <summary>Whether the sweep needs the gradient of a value.</summary>
    public bool Needs(Var? v) => Store.Needs(v);

    /// <summary>Adds one op's share to a value's gradient. Does nothing where that gradient is not needed.</summary>
    /// <exception cref="InvalidOperationException">The share has another shape than the value.</exception>
    public void Add(Var v, Var share)
    {
        if (!Store.Needs(v))
            return;
        if (v.Shape != share.Shape)
            throw new InvalidOperationException($"a gradient {share.Shape} was handed to a value {v.Shape}");
        AddPreActivation(v, FusableActivation(v) is { } activated ? activated.ActivationBackward(v, share) : share);
    }

    /// <summary>
    /// The op that made a value, if it ends in an activation and only the gradient before the activation is kept: then a kernel that makes
    /// a share can apply the activation's slope as it stores, and hand the result to <see cref="AddPreActivation"/>. A target's own
    /// gradient is kept as it is.
    /// </summary>
    internal ActivatedOp? FusableActivation(Var v) => Store.IsTarget(v) ? null : v.Op as ActivatedOp;

    /// <summary>Adds a share that the activation's slope, if there is one, has been applied to.</summary>
    internal void AddPreActivation(Var v, Var share)
    {
        if (Store.Needs(v))
            Store.Set(v, Store.Find(v) is { } sum ? sum.Add(share) : share);
    }
}

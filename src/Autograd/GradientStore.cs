using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// The gradients of one sweep over a tape: which values need one, which have one, and in what form it is kept. The entries lie in the
/// values themselves, so that a sweep allocates nothing but its results.
/// </summary>
/// <param name="Sweep">The sweep's number on its tape, from 1.</param>
internal readonly record struct GradientStore(int Sweep)
{
    /// <summary>Marks a value whose gradient the sweep was asked for.</summary>
    public void AddTarget(Var v)
    {
        Require(v);
        v.Gradient.IsTarget = true;
    }

    /// <summary>Whether the sweep was asked for the gradient of a value, and no later sweep has taken its entry.</summary>
    public bool IsTarget(Var v) => Needs(v) && v.Gradient.IsTarget;

    /// <summary>Whether the sweep needs the gradient of a value.</summary>
    public bool Needs(Var? v) => v is not null && v.Gradient.Sweep == Sweep;

    /// <summary>Marks the values between the targets and the loss, from a tape's first value on: no other gradient is computed.</summary>
    public void MarkPath(Var first, Var loss)
    {
        for (var v = first; ; v = v.Next!)
        {
            if (v.Op is { } op && op.NeedsAny(this))
                Require(v);
            if (v == loss)
                break;
        }
    }

    /// <summary>A value's gradient, computed now if it was deferred; null if there is none.</summary>
    public Var? Find(Var v)
    {
        if (!Needs(v))
            return null;
        if (v.Gradient.Deferred is { } deferred)
            Materialize(v, deferred);
        return v.Gradient.Value;
    }

    /// <summary>A parameter's gradient as what it was deferred as; null if it is a tensor, or if there is none.</summary>
    public DeferredGradient? FindDeferred(Var v) => Needs(v) ? v.Gradient.Deferred : null;

    /// <summary>
    /// Whether a product can be added to a value's gradient in place: the gradient is a tensor that no other value shares.
    /// </summary>
    public bool IsOwned(Var v) => Needs(v) && v.Gradient.IsOwned;

    /// <summary>Keeps a gradient, in place of what was there.</summary>
    /// <param name="v">The value.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="owned">Whether the gradient was made for this value alone; others may have been handed the same one.</param>
    public void Set(Var v, Var gradient, bool owned = false) =>
        (v.Gradient.Value, v.Gradient.Deferred, v.Gradient.IsOwned) = (gradient, null, owned);

    /// <summary>Notes that a value's gradient was made for it alone.</summary>
    public void Own(Var v) => v.Gradient.IsOwned = true;

    /// <summary>
    /// Keeps xᵀ·dy, or the sum of dy's rows, as a share of a parameter's gradient without computing it, if an optimiser can update from
    /// that: it is then computed as the parameter is updated, and most gradients are never in memory. The factors may not change until
    /// then, so neither is a parameter.
    /// </summary>
    /// <param name="parameter">The weight or the bias.</param>
    /// <param name="x">The layer's input; null for the sum of dy's rows.</param>
    /// <param name="dy">The gradient of its output.</param>
    /// <returns>Whether it was deferred; if not, nothing was changed.</returns>
    public bool TryDefer(Var parameter, Var? x, Var dy)
    {
        ref var entry = ref parameter.Gradient;
        if (!parameter.IsParameter || entry.Value is not null || (x is not null && HoldsParameter(x)) || HoldsParameter(dy))
            return false;
        if (entry.Deferred is { } other && other.X is null != x is null)
            return false;
        var share = new DeferredGradient(x?.Value, dy.Value);
        var all = entry.Deferred?.With(share) ?? share;
        if (!AdamStep.CanFuse(all))
            return false;
        entry.Deferred = all;
        return true;
    }

    /// <summary>Notes that the sweep needs the gradient of a value, in place of what earlier sweeps left there.</summary>
    private void Require(Var v)
    {
        if (!Needs(v))
            v.Gradient = new GradientEntry { Sweep = Sweep };
    }

    private void Materialize(Var parameter, DeferredGradient deferred)
    {
        var tape = parameter.Tape;
        var gradient = tape.Rent(parameter.Shape);
        if (deferred.X is { } x)
        {
            MatMul.Run(x, true, deferred.Dy, false, gradient);
            for (var more = deferred.More; more is not null; more = more.More)
                MatMul.Accumulate(more.X!, true, more.Dy, false, gradient);
            Set(parameter, tape.Record(gradient, null), owned: true);
            return;
        }
        Reduce.SumRows(deferred.Dy, gradient);
        for (var more = deferred.More; more is not null; more = more.More)
        {
            Tensor first = gradient, other = tape.Rent(parameter.Shape);
            Reduce.SumRows(more.Dy, other);
            gradient = tape.Rent(parameter.Shape);
            Elementwise.Zip(default(Add), first, other, gradient);
        }
        Set(parameter, tape.Record(gradient, null), owned: true);
    }

    /// <summary>Whether a value is a parameter, or the same memory under another shape.</summary>
    private static bool HoldsParameter(Var v) => v.IsParameter || (v.Op is { IsView: true } view && HoldsParameter(view.A));
}

/// <summary>What the last sweep that needs a value's gradient knows of it. Written by <see cref="GradientStore"/> alone.</summary>
internal struct GradientEntry
{
    /// <summary>The sweep; 0 for none.</summary>
    public int Sweep;

    /// <summary>Whether the sweep was asked for this gradient.</summary>
    public bool IsTarget;

    /// <summary>Whether the gradient was made for this value alone.</summary>
    public bool IsOwned;

    /// <summary>The gradient; null where there is none yet, or where it is deferred.</summary>
    public Var? Value;

    /// <summary>What the gradient was deferred as, where it has not been computed.</summary>
    public DeferredGradient? Deferred;
}

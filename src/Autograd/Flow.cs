using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Gradients on their way through one sweep.</summary>
/// <param name="Sweep">The sweep's number on its tape.</param>
public readonly record struct Flow(int Sweep)
{
    /// <summary>Whether the gradient of this value is wanted; if not, an op need not compute it.</summary>
    public bool Needs(Var? v) => v?.NeededBy == Sweep;

    /// <summary>
    /// What made a value, if it ends in an activation, and only the gradient before that is wanted: then shares are handed over by <see cref="AddSloped"/>.
    /// A gradient that was asked for itself is needed as it is.
    /// </summary>
    internal ActivatedOp? Activated(Var v) => v.TargetOf == Sweep ? null : v.Op as ActivatedOp;

    /// <summary>Hands over one op's share of a gradient.</summary>
    public void Add(Var v, Var share)
    {
        if (v.NeededBy != Sweep)
            return;
        if (v.Shape != share.Shape)
            throw new InvalidOperationException($"a gradient {share.Shape} was handed to a value {v.Shape}");
        AddSloped(v, Activated(v) is { } activated ? activated.Slope(v, share) : share);
    }

    /// <summary>Hands over a·b as a share, made where it is needed and where it is added to, if that can be; of a parameter, not yet made.</summary>
    public void AddProduct(Var v, Var a, Var b, bool transposeA = false, bool transposeB = false)
    {
        if (v.NeededBy != Sweep)
            return;
        bool recording = v.Tape.Recording;
        if (!recording && transposeA && !transposeB && v.IsParameter && Wait(v, a, b))
            return;
        if (v.GradientOf == Sweep)
            v.MakeGradient();
        if (!recording && !transposeA && transposeB && Activated(v) is { } activated)
        {
            AddSloped(v, activated.SlopeOfProduct(v, a, b));
        }
        else if (!recording && v.GradientOf == Sweep && v.OwnsGradient && Activated(v) is null)
        {
            Kernels.MatMul.Accumulate(a.Value, transposeA, b.Value, transposeB, v.Gradient!.Value);
        }
        else
        {
            Add(v, a.MatMul(b, transposeA, transposeB));
            v.OwnsGradient = true; // a product, or the sum of one and what was there: new either way
        }
    }

    /// <summary>
    /// Leaves aᵀ·b unmade, if an update can be made from that: a weight's gradient is seldom read by anyone but an optimiser, which can make it as it goes. What
    /// it is a product of must not change until then, so no parameter is in it.
    /// </summary>
    private bool Wait(Var v, Var a, Var b)
    {
        var first = v.GradientOf == Sweep ? v.Unmade : null;
        if ((v.GradientOf == Sweep && first is null) || IsParameter(a) || IsParameter(b) || !MatMul.CanFuse(a.Value, first))
            return false;
        var product = new DeferredWeightGradient(a.Value, b.Value);
        (v.Unmade, v.Gradient, v.GradientOf) = (first is null ? product : first with { More = product }, null, Sweep);
        return true;

        static bool IsParameter(Var v) => v.IsParameter || (v.Op is ReshapeOp reshaped && IsParameter(reshaped.A));
    }

    /// <summary>A share as it is to be kept. But for products added in place, this is where shares are added up.</summary>
    internal void AddSloped(Var v, Var share)
    {
        if (v.NeededBy != Sweep)
            return;
        if (v.GradientOf == Sweep)
            v.MakeGradient();
        v.Gradient = v.GradientOf == Sweep ? v.Gradient!.Add(share) : share;
        v.Unmade = null;
        v.GradientOf = Sweep;
        v.OwnsGradient = false;
    }
}

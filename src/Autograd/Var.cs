using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A tensor on a tape: a value, and what made it. Its tensor belongs to the tape, and ends with it.</summary>
public class Var
{
    internal Var(Tape tape, Tensor value)
    {
        Tape = tape;
        Value = value;
    }

    /// <summary>The tape that holds it.</summary>
    public Tape Tape { get; private set; }

    /// <summary>The numbers.</summary>
    public Tensor Value { get; }

    /// <summary>The extents.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Whether a gradient can flow to it: it is a leaf of the tape, or was made from one.</summary>
    public bool RequiresGradient { get; internal set; }

    /// <summary>What made it; null for constants and leaves.</summary>
    internal Op? Op { get; set; }

    internal bool Owned { get; set; }

    internal Var? Previous { get; set; }

    internal Var? Next { get; set; }

    /// <summary>The last sweep that needs this gradient.</summary>
    internal int NeededBy { get; set; }

    /// <summary>The last sweep that found this gradient.</summary>
    internal int GradientOf { get; set; }

    internal Var? Gradient { get; set; }

    /// <summary>In place of a gradient: what it is the product of, until somebody asks for it.</summary>
    internal DeferredWeightGradient? Unmade { get; set; }

    /// <summary>The last sweep that was asked for this gradient itself.</summary>
    internal int TargetOf { get; set; }

    /// <summary>
    /// Whether its gradient was made for it alone, so that more can be added in place. An op hands the same gradient on to others only when all shares
    /// have arrived.
    /// </summary>
    internal bool OwnsGradient { get; set; }

    /// <summary>Whether it is an intermediate of a sweep that nobody outside has seen: then its tape's pool recycles the object once the tape has ended.</summary>
    internal bool Transient { get; set; }

    /// <summary>Whether it is a parameter's place on the tape: an optimiser may change its numbers.</summary>
    internal virtual bool IsParameter => false;

    /// <summary>Makes the gradient, if it is still a product.</summary>
    internal void MakeGradient()
    {
        if (Unmade is not { } product)
            return;
        Unmade = null;
        var made = Tape.Rent(Shape);
        MatMul.Run(product.X, true, product.Dy, false, made);
        if (product.More is { } more)
            MatMul.Accumulate(more.X, true, more.Dy, false, made);
        Gradient = Tape.Record(made, null);
        OwnsGradient = true;
    }

    /// <summary>Notes that a sweep was asked for this gradient.</summary>
    internal void IsTargetOf(int sweep) => NeededBy = TargetOf = sweep;

    /// <summary>Starts over on another tape, with another storage.</summary>
    internal Var Recycle(Tape tape, Shape shape)
    {
        Value.Recycle(tape.Device, shape);
        Reset(tape);
        return this;
    }

    /// <summary>Starts over on another tape, as nothing's result.</summary>
    protected void Reset(Tape tape)
    {
        Tape = tape;
        Clear();
        Owned = OwnsGradient = RequiresGradient = false;
        NeededBy = GradientOf = TargetOf = 0;
    }

    /// <summary>Drops its references to a tape that has ended.</summary>
    internal void Clear()
    {
        Op = null;
        Previous = Next = Gradient = null;
        Unmade = null;
    }

    /// <summary>The only element of a value that has one, copied from the device.</summary>
    public float Item() => Value.Item();
}

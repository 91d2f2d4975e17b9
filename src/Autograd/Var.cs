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

    /// <summary>Its gradients' entry, which belongs to <see cref="GradientStore"/>.</summary>
    internal GradientEntry Gradient;

    /// <summary>Whether it is an intermediate of a sweep that nobody outside has seen: then its tape's pool recycles the object once the tape has ended.</summary>
    internal bool Transient { get; set; }

    /// <summary>Whether it is a parameter's place on the tape: an optimiser may change its numbers.</summary>
    internal virtual bool IsParameter => false;

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
        Owned = RequiresGradient = false;
    }

    /// <summary>Drops its references to a tape that has ended.</summary>
    internal void Clear()
    {
        Op = null;
        Previous = Next = null;
        Gradient = default;
    }

    /// <summary>The only element of a value that has one, copied from the device.</summary>
    public float Item() => Value.Item();
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A value on a tape: a tensor, and the op that made it. The tensor belongs to the tape, and ends with it.</summary>
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

    /// <summary>Returns the same numbers as a constant of the tape: no gradient flows through it.</summary>
    public Var Detach() => Tape.Constant(Value);

    /// <summary>The extents.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Whether a gradient can flow to it: it is a variable or a parameter, or was made from one.</summary>
    public bool RequiresGradient { get; internal set; }

    /// <summary>The op that made it; null for constants, variables and parameters.</summary>
    internal Op? Op { get; set; }

    /// <summary>Whether the tape disposes the tensor.</summary>
    internal bool Owned { get; set; }

    /// <summary>The value before it on the tape.</summary>
    internal Var? Previous { get; set; }

    /// <summary>The value after it on the tape; after the last one the first.</summary>
    internal Var? Next { get; set; }

    /// <summary>The entry of <see cref="GradientStore"/>, which alone reads and writes it.</summary>
    internal GradientEntry Gradient;

    /// <summary>
    /// Whether a sweep made it and showed it to nobody: then the tape's pool recycles the object once the tape has ended.
    /// </summary>
    internal bool Transient { get; set; }

    /// <summary>Whether it is a parameter, whose numbers an optimiser may change.</summary>
    internal virtual bool IsParameter => false;

    /// <summary>Recycles an object of an ended tape for another one, with another storage.</summary>
    internal Var Recycle(Tape tape, Shape shape)
    {
        Value.Recycle(tape.Device, shape);
        Reset(tape);
        return this;
    }

    /// <summary>Moves it to another tape, as the result of no op.</summary>
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

    /// <summary>Copies the only element of a value that has one from the device.</summary>
    public float Item() => Value.Item();
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A named tensor of a network, which outlives the tapes: a weight that an optimiser changes, or a running statistic.</summary>
/// <param name="name">Its name within the network, as PyTorch would call it: `fc1.weight`.</param>
/// <param name="value">Its numbers. A dense layer's weight is [in, out].</param>
public sealed class Parameter(string name, Tensor value)
{
    /// <summary>Its name within the network.</summary>
    public string Name { get; internal set; } = name;

    /// <summary>Its numbers.</summary>
    public Tensor Value { get; } = value;

    /// <summary>Its value of a tape that has ended, for the next tape to recycle; null while a tape has it.</summary>
    internal ParameterVar? Recycled;
}

/// <summary>A parameter's value on a tape. When the tape ends it goes back to the parameter, for the next tape.</summary>
internal sealed class ParameterVar(Tape tape, Parameter parameter) : Var(tape, parameter.Value)
{
    /// <summary>The parameter.</summary>
    public Parameter Parameter => parameter;

    /// <summary>The parameter that the tape used before this one.</summary>
    public ParameterVar? UsedBefore { get; private set; }

    internal override bool IsParameter => true;

    /// <summary>Moves it to another tape.</summary>
    public ParameterVar Recycle(Tape tape, ParameterVar? usedBefore)
    {
        Reset(tape);
        UsedBefore = usedBefore;
        return this;
    }

    /// <summary>Gives it back to its parameter.</summary>
    /// <returns>The value of the parameter that the tape used before.</returns>
    public ParameterVar? Leave()
    {
        var before = UsedBefore;
        Clear();
        UsedBefore = null;
        Volatile.Write(ref parameter.Recycled, this);
        return before;
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A named tensor of a network that outlives the tapes: what an optimiser changes, or a running statistic.</summary>
/// <param name="name">Its name within the network, as PyTorch would call it: `fc1.weight`.</param>
/// <param name="value">Its numbers. A dense layer's weight is [in, out].</param>
public sealed class Parameter(string name, Tensor value)
{
    /// <summary>Its name within the network.</summary>
    public string Name { get; internal set; } = name;

    /// <summary>Its numbers.</summary>
    public Tensor Value { get; } = value;

    /// <summary>Its place on a tape that has ended, for the next one to recycle; null while a tape has it.</summary>
    internal Tape.ParameterVar? SparePlace;
}

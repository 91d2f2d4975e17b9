namespace GanFromScratch.Autograd;

/// <summary>Dropout, in passes that say where to draw from.</summary>
/// <param name="keep">The probability that an element is kept.</param>
public sealed class Dropout(float keep) : Module
{
    /// <inheritdoc/>
    public override string Description { get; } = $"Dropout (keep {keep})";

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => pass.Dropout is { } random ? x.Dropout(keep, random) : x;
}

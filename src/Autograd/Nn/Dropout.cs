namespace GanFromScratch.Autograd;

/// <summary>Dropout, in passes that say where to draw from.</summary>
/// <param name="keep">The probability that an element is kept.</param>
/// <exception cref="ArgumentOutOfRangeException">keep is not in (0, 1].</exception>
public sealed class Dropout(float keep) : Module
{
    private readonly float _keep = DropoutOps.RequireProbability(keep);

    /// <inheritdoc/>
    public override string Description { get; } = $"Dropout (keep {keep})";

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => pass.Dropout is { } random ? x.Dropout(_keep, random) : x;
}

namespace GanFromScratch.Autograd;

/// <summary>Dropout, in passes that have a source of masks.</summary>
/// <param name="keep">The probability that an element is kept.</param>
/// <exception cref="ArgumentOutOfRangeException">keep is not in (0, 1].</exception>
public sealed class Dropout(float keep) : Module
{
    private readonly float _keep = DropoutOps.RequireProbability(keep);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [new("Dropout") { Keep = keep }];

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => pass.Dropout is { } masks ? x.Dropout(_keep, masks) : x;
}

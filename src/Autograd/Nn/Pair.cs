namespace GanFromScratch.Autograd;

/// <summary>Two layers of one input, whose outputs are joined.</summary>
/// <param name="kind">The name of the layer's kind.</param>
/// <param name="first">Makes the first output.</param>
/// <param name="second">Makes the other.</param>
public abstract class Pair(string kind, Module first, Module second) : Module
{
    /// <summary>Makes the first output.</summary>
    protected Module First => first;

    /// <summary>Makes the other.</summary>
    protected Module Second => second;

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [.. first.Specs, .. second.Specs, new(kind)];

    /// <inheritdoc/>
    public override IReadOnlyList<Module> Parts { get; } = [first, second];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; } = [.. first.Parameters, .. second.Parameters];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; } = [.. first.Statistics, .. second.Statistics];

    /// <inheritdoc/>
    public override void Updated()
    {
        First.Updated();
        Second.Updated();
    }
}

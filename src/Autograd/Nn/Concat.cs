using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Two layers of one input, whose outputs [N, a] and [N, b] are put side by side, [N, a + b].</summary>
/// <param name="first">Makes the first columns.</param>
/// <param name="second">Makes the others.</param>
public sealed class Concat(Module first, Module second) : Module
{
    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [.. first.Specs, .. second.Specs, new("Concat")];

    /// <inheritdoc/>
    public override IReadOnlyList<Module> Parts { get; } = [first, second];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; } = [.. first.Parameters, .. second.Parameters];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; } = [.. first.Statistics, .. second.Statistics];

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) =>
        new(input.Rows, first.OutputShape(input).Columns + second.OutputShape(input).Columns);

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => first.Forward(x, pass).ConcatColumns(second.Forward(x, pass));

    /// <inheritdoc/>
    public override void Updated()
    {
        first.Updated();
        second.Updated();
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Pictures [N, H, W, C] as [N, C]: the mean of each channel over all pixels; Keras' GlobalAveragePooling2D.</summary>
public sealed class GlobalAveragePool : Module
{
    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [new("GlobalAveragePool")];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is no pictures with pixels.</exception>
    public override Shape OutputShape(Shape input) => GlobalAveragePoolOps.PooledShape(input);

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.GlobalAveragePool();
}

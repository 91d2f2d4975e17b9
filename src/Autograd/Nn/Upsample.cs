using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Pictures [N, H, W, C] as [N, 2H, 2W, C]: each pixel twice, down and across, as Keras' UpSampling2D.</summary>
public sealed class Upsample : Module
{
    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [new("Upsample")];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is no pictures.</exception>
    public override Shape OutputShape(Shape input) => UpsampleOps.DoubledShape(input);

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.Upsample();
}

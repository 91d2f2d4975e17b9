using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>
/// An activation as a layer of its own, where another layer stands between it and the dense one that it could be fused with.
/// </summary>
/// <param name="activation">The function.</param>
public sealed class Activation<F>(F activation) : Module
    where F : struct, IActivation
{
    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; } = [new("Activation") { Activation = ActivationSpec.Of(activation) }];

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.Map(activation);
}

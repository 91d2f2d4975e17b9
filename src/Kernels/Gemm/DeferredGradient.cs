using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// A dense layer's gradient that is not computed yet, the weight's xᵀ·dy or the bias's Σ dy over rows, and the shares of further uses of
/// the layer, which are added. An optimiser may compute it while it
/// updates the parameter.
/// </summary>
/// <param name="X">The layer's input [N,I]; null for the bias's gradient.</param>
/// <param name="Dy">The gradient of its output [N,O].</param>
/// <param name="More">The next share, or null.</param>
public sealed record DeferredGradient(Tensor? X, Tensor Dy, DeferredGradient? More = null)
{
    /// <summary>The number of shares, from this one on.</summary>
    public int Shares => 1 + (More?.Shares ?? 0);

    /// <summary>Returns the gradient with one more share, which comes last.</summary>
    public DeferredGradient With(DeferredGradient share) => this with { More = More?.With(share) ?? share };
}

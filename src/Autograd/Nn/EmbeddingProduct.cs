using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// The product of a batch and an embedding of its labels, as conditional GANs have it: y[n,c] = x[n,c] · table[label of n, c].
/// </summary>
/// <inheritdoc/>
public sealed class EmbeddingProduct(Device device, int labels, int values, Init init, RandomStream random)
    : LabelEmbedding("EmbeddingProduct", device, labels, values, init, random)
{
    /// <inheritdoc/>
    protected override Var Join(Var x, Var rows) => x.Multiply(rows);
}

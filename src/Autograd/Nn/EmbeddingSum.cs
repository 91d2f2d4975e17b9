using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>The sum of a batch and an embedding of its labels: y[n,c] = x[n,c] + table[label of n, c].</summary>
/// <inheritdoc/>
public sealed class EmbeddingSum(Device device, int labels, int values, Init init, RandomStream random)
    : LabelEmbedding("EmbeddingSum", device, labels, values, init, random)
{
    /// <inheritdoc/>
    protected override Var Join(Var x, Var rows) => x.Add(rows);
}

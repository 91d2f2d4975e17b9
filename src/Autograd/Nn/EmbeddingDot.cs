using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// The inner product of each row of a batch and the embedding of its label, the projection of Miyato and Koyama (2018):
/// y[n,0] = Σ_c x[n,c] · table[label of n, c].
/// </summary>
/// <inheritdoc/>
public sealed class EmbeddingDot(Device device, int labels, int values, Init init, RandomStream random)
    : LabelEmbedding("EmbeddingDot", device, labels, values, init, random)
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => new(base.OutputShape(input).Rows, 1);

    /// <inheritdoc/>
    protected override Var Join(Var x, Var rows) => x.Multiply(rows).SumColumns();
}

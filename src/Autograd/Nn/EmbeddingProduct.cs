using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// The product of a batch and an embedding of its labels, as conditional GANs have it: y[n,c] = x[n,c] · table[label of n, c]. The table is
/// [labels, values], and the labels are <see cref="Pass.Labels"/>.
/// </summary>
public sealed class EmbeddingProduct : Module
{
    private readonly Parameter _table;

    /// <summary>Makes a layer with a new table.</summary>
    /// <param name="device">Holds the table.</param>
    /// <param name="labels">Its rows.</param>
    /// <param name="values">Its columns, as many as the input has.</param>
    /// <param name="init">Initialises it.</param>
    /// <param name="random">The stream that it is drawn from.</param>
    public EmbeddingProduct(Device device, int labels, int values, Init init, RandomStream random)
    {
        _table = new Parameter("emb.weight", new Tensor(device, new Shape(labels, values)));
        init.Weight(_table.Value, random);
        Parameters = [_table];
        Specs = [new("EmbeddingProduct") { Labels = labels, Outputs = values }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input has other columns than the table.</exception>
    public override Shape OutputShape(Shape input) => input.Rank == 2 && input.Columns == _table.Value.Shape.Columns
        ? input
        : throw new ArgumentException($"{Description}: the input is {input}, not [N,{_table.Value.Shape.Columns}]");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The pass has no labels, or the shapes don't fit.</exception>
    public override Var Forward(Var x, Pass pass)
    {
        var labels = pass.Labels ?? throw new ArgumentException(
            $"{Description}: the pass has no labels; give it a one-hot row [{_table.Value.Shape.Rows}] for each row of {x.Shape}");
        return x.Multiply(labels.MatMul(pass.Use(x.Tape, _table)));
    }
}

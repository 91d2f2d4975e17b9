using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Joins each row of a batch with a learned row for its label: one of a table [labels, values], picked by <see cref="Pass.Labels"/>.
/// </summary>
public abstract class LabelEmbedding : Module
{
    private readonly Parameter _table;

    /// <summary>Makes a layer with a new table.</summary>
    /// <param name="kind">The name of the layer's kind.</param>
    /// <param name="device">Holds the table.</param>
    /// <param name="labels">Its rows.</param>
    /// <param name="values">Its columns, as many as the input has.</param>
    /// <param name="init">Initialises it.</param>
    /// <param name="random">The stream that it is drawn from.</param>
    protected LabelEmbedding(string kind, Device device, int labels, int values, Init init, RandomStream random)
    {
        _table = new Parameter("emb.weight", new Tensor(device, new Shape(labels, values)));
        init.Weight(_table.Value, random, values);
        Parameters = [_table];
        Specs = [new(kind) { Labels = labels, Outputs = values }];
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
        return Join(x, labels.MatMul(pass.Use(x.Tape, _table)));
    }

    /// <summary>Joins a batch [N, values] with the rows of its labels [N, values].</summary>
    protected abstract Var Join(Var x, Var rows);
}

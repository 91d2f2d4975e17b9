using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A network: layers one after another. It names its parameters as PyTorch would: `fc1.weight`, `bn1.running_mean`.</summary>
public sealed class Sequential : Module
{
    /// <summary>Makes a network of these layers, in order, and names their parameters.</summary>
    public Sequential(params Module[] layers)
    {
        Layers = layers;
        var counts = new Dictionary<string, int>();
        foreach (var layer in layers.SelectMany(layer => layer.Parts))
        {
            if (layer.NamePrefix is not { } prefix)
                continue;
            int number = counts[prefix] = counts.GetValueOrDefault(prefix) + 1;
            foreach (var parameter in layer.Parameters.Concat(layer.Statistics))
                parameter.Name = $"{prefix}{number}.{parameter.Name}";
        }
        for (int i = 0; i + 1 < layers.Length; i++)
            layers[i].FollowedBy(layers[i + 1]);
        ParameterArray = [.. layers.SelectMany(layer => layer.Parameters)];
        Statistics = [.. layers.SelectMany(layer => layer.Statistics)];
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<Module> Layers { get; }

    /// <summary>
    /// All parameters, in the order of the layers, as <see cref="Tape.Gradients(Var, ReadOnlySpan{Parameter}, bool)"/> takes them.
    /// </summary>
    public Parameter[] ParameterArray { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs => [.. Layers.SelectMany(layer => layer.Specs)];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => ParameterArray;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; }

    /// <summary>The number of weights that training changes.</summary>
    public int TrainableCount => Parameters.Sum(p => p.Value.Count);

    /// <summary>The number of all weights, running statistics too.</summary>
    public int TotalCount => TrainableCount + Statistics.Sum(p => p.Value.Count);

    /// <summary>Visits all parameters, running statistics too.</summary>
    /// <param name="visitor">Saves or restores them.</param>
    /// <param name="prefix">Precedes their names.</param>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        foreach (var parameter in Parameters.Concat(Statistics))
            visitor.VisitTensor(prefix + parameter.Name, parameter.Value);
    }

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => Forward(x, pass, ..);

    /// <summary>Computes the output of some of the layers, for what goes into the first of them.</summary>
    public Var Forward(Var x, Pass pass, Range layers)
    {
        var (first, count) = layers.GetOffsetAndLength(Layers.Count);
        int end = first + count;
        for (int i = first; i < end; i++)
        {
            if (i + 1 < end && Layers[i + 1] is BatchNorm next && Layers[i].ForwardNormalised(x, pass, next) is { } y)
                (x, i) = (y, i + 1);
            else
                x = Layers[i].Forward(x, pass);
        }
        return x;
    }

    /// <inheritdoc/>
    public override void Updated()
    {
        for (int i = 0; i < Layers.Count; i++)
            Layers[i].Updated();
    }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Layers.Aggregate(input, (shape, layer) => layer.OutputShape(shape));
}

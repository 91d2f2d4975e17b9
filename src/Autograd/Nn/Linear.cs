using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A dense layer with its activation: y = f(x·w + bias). The weight is [in, out].</summary>
/// <typeparam name="F">The activation; <see cref="Identity"/> for none.</typeparam>
public sealed class Linear<F> : Module
    where F : struct, IActivation
{
    private readonly F _activation;
    private readonly Parameter _weight, _bias;

    /// <summary>A layer with new weights.</summary>
    public Linear(Device device, int inputs, int outputs, F activation, Init init, RandomStream random)
    {
        _activation = activation;
        _weight = new Parameter("weight", new Tensor(device, new Shape(inputs, outputs)));
        _bias = new Parameter("bias", new Tensor(device, new Shape(outputs)));
        init.Weight(_weight.Value, random);
        init.Bias(_bias.Value, random);
        Parameters = [_weight, _bias];
        string name = typeof(F) == typeof(Identity) ? "" : $", {activation.ToString()!.Replace(" { }", "", StringComparison.Ordinal)}";
        Description = $"Linear {inputs} → {outputs}{name}";
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override string Kind => "fc";

    /// <inheritdoc/>
    public override int OutputColumns(int inputColumns) => _bias.Value.Count;

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.Linear(x.Tape.Use(_weight), x.Tape.Use(_bias), _activation);
}

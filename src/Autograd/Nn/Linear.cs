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
    private readonly SpectralNorm? _spectralNorm;

    /// <summary>Makes a layer with new weights.</summary>
    /// <param name="device">Holds the parameters.</param>
    /// <param name="inputs">Columns of x.</param>
    /// <param name="outputs">Columns of y.</param>
    /// <param name="activation">f.</param>
    /// <param name="init">Initialises the parameters.</param>
    /// <param name="random">The stream that they are drawn from.</param>
    /// <param name="spectralNorm">The stream that the vectors of spectral normalisation are drawn from; null leaves it out.</param>
    public Linear(Device device, int inputs, int outputs, F activation, Init init, RandomStream random, RandomStream? spectralNorm = null)
    {
        _activation = activation;
        _weight = new Parameter("weight", new Tensor(device, new Shape(inputs, outputs)));
        _bias = new Parameter("bias", new Tensor(device, new Shape(outputs)));
        init.Weight(_weight.Value, random, inputs);
        init.Bias(_bias.Value, random);
        Parameters = [_weight, _bias];
        _spectralNorm = spectralNorm is null ? null : new SpectralNorm(_weight, spectralNorm);
        Statistics = _spectralNorm?.Statistics ?? [];
        var named = ActivationSpec.Of(activation);
        Specs = [new("Linear") { Inputs = inputs, Outputs = outputs, Activation = named, SpectralNorm = spectralNorm is not null }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; }

    /// <inheritdoc/>
    public override string NamePrefix => "fc";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input has other columns than the weight has rows.</exception>
    public override Shape OutputShape(Shape input) => input.Columns == _weight.Value.Shape.Rows
        ? new Shape(input.Rows, _bias.Value.Count)
        : throw new ArgumentException($"{Description}: the input {input} has {input.Columns} columns");

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass)
    {
        if (!IsConstant(x, pass))
            return x.Linear(_spectralNorm?.Normalised(x.Tape) ?? pass.Use(x.Tape, _weight), pass.Use(x.Tape, _bias), _activation);
        var y = x.Tape.Rent(OutputShape(x.Shape));
        MatMul.Linear(x.Value, _weight.Value, _bias.Value, _activation, y);
        return x.Tape.Record(y, null);
    }

    /// <inheritdoc/>
    internal override Var? ForwardNormalised(Var x, Pass pass, BatchNorm next) =>
        IsConstant(x, pass) && !pass.BatchStatistics && !pass.SkipNormalisation
            ? next.Forward(x, _weight.Value, _bias.Value, _activation)
            : null;

    private bool IsConstant(Var x, Pass pass) => pass.Detached && !x.RequiresGradient && _spectralNorm is null;

    /// <inheritdoc/>
    public override void Updated() => _spectralNorm?.Iterate();
}

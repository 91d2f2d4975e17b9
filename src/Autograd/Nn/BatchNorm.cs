using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Batch normalisation as Keras has it: running = momentum · running + (1 - momentum) · batch, by the biased variance. gamma starts at 1,
/// beta at 0.
/// </summary>
public sealed class BatchNorm : Module
{
    private readonly float _momentum, _epsilon;
    private readonly Parameter _gamma, _beta, _mean, _variance;

    /// <summary>Makes a layer whose running mean is 0 and variance 1.</summary>
    public BatchNorm(Device device, int channels, float momentum, float epsilon = 1e-3f)
    {
        _momentum = momentum;
        _epsilon = epsilon;
        var shape = new Shape(channels);
        _gamma = new Parameter("weight", Tensor.Filled(device, shape, 1f));
        _beta = new Parameter("bias", Tensor.Filled(device, shape, 0f));
        _mean = new Parameter("running_mean", Tensor.Filled(device, shape, 0f));
        _variance = new Parameter("running_var", Tensor.Filled(device, shape, 1f));
        Parameters = [_gamma, _beta];
        Statistics = [_mean, _variance];
        Specs = [new("BatchNorm") { Outputs = channels, Momentum = momentum, Epsilon = epsilon }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; }

    /// <inheritdoc/>
    public override string NamePrefix => "bn";

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass)
    {
        if (pass.SkipNormalisation)
            return x;
        Var gamma = pass.Use(x.Tape, _gamma), beta = pass.Use(x.Tape, _beta);
        if (!pass.BatchStatistics)
            return x.BatchNorm(gamma, beta, _mean.Value, _variance.Value, _epsilon);
        var running = new RunningStatistics(_mean.Value, _variance.Value, _momentum);
        return x.BatchNorm(gamma, beta, _epsilon, pass.MoveStatistics ? running : null, out _, out _);
    }

    /// <summary>Computes a dense layer and this one after it at once, by the running statistics, where no gradient flows.</summary>
    internal Var Forward<F>(Var x, Tensor w, Tensor bias, F activation)
        where F : struct, IActivation
    {
        var y = x.Tape.Rent(new Shape(x.Shape.Rows, bias.Count));
        Kernels.BatchNorm.InferenceOfLinear(
            x.Value, w, bias, activation, _gamma.Value, _beta.Value, _mean.Value, _variance.Value, _epsilon, y);
        return x.Tape.Record(y, null);
    }
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// A convolution of pictures [N, H, W, in] with its activation, or a transposed one: y = f(x convolved with w + bias). The weight is
/// [rows, columns, in, out], of a transposed one [rows, columns, out, in].
/// </summary>
/// <typeparam name="F">The activation; <see cref="Identity"/> for none.</typeparam>
public sealed class Conv2d<F> : Module
    where F : struct, IActivation
{
    private readonly F _activation;
    private readonly Window _window;
    private readonly bool _transposed;
    private readonly Parameter _weight, _bias;
    private readonly SpectralNorm? _spectralNorm;
    private bool _biasIsNormalisedAway;

    /// <summary>Makes a layer with new weights.</summary>
    /// <param name="device">Holds the parameters.</param>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="window">The window; of a transposed layer, that of the convolution that leads back from y to x.</param>
    /// <param name="activation">f.</param>
    /// <param name="init">Initialises the parameters.</param>
    /// <param name="random">The stream that they are drawn from.</param>
    /// <param name="transposed">Whether the convolution is transposed.</param>
    /// <param name="spectralNorm">The stream that the vectors of spectral normalisation are drawn from; null leaves it out.</param>
    public Conv2d(
        Device device, int inputs, int outputs, Window window, F activation, Init init, RandomStream random, bool transposed = false,
        RandomStream? spectralNorm = null)
    {
        (_activation, _window, _transposed) = (activation, window, transposed);
        var (into, of) = transposed ? (outputs, inputs) : (inputs, outputs);
        _weight = new Parameter("weight", new Tensor(device, new Shape(window.Height, window.Width, into, of)));
        _bias = new Parameter("bias", new Tensor(device, new Shape(outputs)));
        double taps = window.Height * window.Width / (transposed ? (double)window.Stride * window.Stride : 1);
        init.Weight(_weight.Value, random, taps * inputs);
        init.Bias(_bias.Value, random);
        Parameters = [_weight, _bias];
        _spectralNorm = spectralNorm is null ? null : new SpectralNorm(_weight, spectralNorm);
        Statistics = _spectralNorm?.Statistics ?? [];
        Specs =
        [
            new(transposed ? "ConvTranspose2d" : "Conv2d")
            {
                Inputs = inputs,
                Outputs = outputs,
                Window = window,
                Activation = ActivationSpec.Of(activation),
                SpectralNorm = spectralNorm is not null,
            },
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Statistics { get; }

    /// <inheritdoc/>
    public override string NamePrefix => "conv";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input has other channels, or the window fits nowhere.</exception>
    public override Shape OutputShape(Shape input)
    {
        int channels = Specs[0].Inputs ?? 0;
        if (input.Rank != 4 || input[3] != channels)
            throw new ArgumentException($"{Description}: the input {input} has no {channels} channels");
        return _transposed ? _window.TransposedShape(input, _bias.Value.Count) : _window.OutputShape(input, _bias.Value.Count);
    }

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass)
    {
        var w = _spectralNorm?.Normalised(x.Tape) ?? pass.Use(x.Tape, _weight);
        bool isMoot = _biasIsNormalisedAway && pass.BatchStatistics && !pass.SkipNormalisation;
        var bias = isMoot ? x.Tape.Constant(_bias.Value) : pass.Use(x.Tape, _bias);
        return _transposed ? x.ConvolveTransposed(w, bias, _window, _activation) : x.Convolve(w, bias, _window, _activation);
    }

    /// <summary>
    /// Notes whether batch normalisation follows at once: by the batch's own mean it takes the bias away again, so that the bias's gradient
    /// is 0. The sum that it would be is rounding noise, of which Adam makes steps of full length.
    /// </summary>
    internal override void FollowedBy(Module next) => _biasIsNormalisedAway = typeof(F) == typeof(Identity) && next is BatchNorm;

    /// <inheritdoc/>
    public override void Updated() => _spectralNorm?.Iterate();
}

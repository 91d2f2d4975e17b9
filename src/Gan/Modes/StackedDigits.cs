using System.Text.Json;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

/// <summary>
/// Pictures whose three channels are three digits, each drawn by itself from a set of grey ones: a thousand modes, told apart by a
/// classifier of the digits (Metz et al., 2017; Srivastava et al., 2017).
/// </summary>
internal sealed class StackedDigits : ModeSet, IDisposable
{
    private const int Channels = 3, GridSide = 8;
    private readonly ReferenceSet _digits;
    private readonly IFeatureExtractor _classifier;

    /// <summary>Stacks the training pictures of a set.</summary>
    /// <param name="digits">Grey pictures with classes.</param>
    /// <param name="classifier">Tells their classes apart. It is disposed with this set.</param>
    public StackedDigits(ReferenceSet digits, IFeatureExtractor classifier)
    {
        (_digits, _classifier) = (digits, classifier);
        Shape = digits.Training.Shape with { Channels = Channels };
    }

    /// <summary>The name on the command line, which is known before the digits are.</summary>
    public static string SetName => "stacked";

    /// <inheritdoc/>
    public override string Name => SetName;

    /// <summary>A mode for each three classes.</summary>
    public override int Modes => (int)Math.Pow(_digits.Classes.Count, Channels);

    /// <inheritdoc/>
    public override PictureShape Shape { get; }

    /// <summary>26,000, as in the PacGAN paper.</summary>
    public override int Samples => 26_000;

    /// <inheritdoc/>
    public override int Shown => GridSide * GridSide;

    /// <inheritdoc/>
    public override string SamplesAre => "pictures";

    /// <inheritdoc/>
    public override Tensor Sample(Device device, RandomStream random, int n)
    {
        var digits = _digits.Training;
        var pictures = new float[n * Shape.Length];
        for (int i = 0; i < n; i++)
        {
            var picture = pictures.AsSpan(i * Shape.Length, Shape.Length);
            for (int channel = 0; channel < Channels; channel++)
            {
                var digit = digits[random.Below(digits.Count)];
                for (int pixel = 0; pixel < digit.Length; pixel++)
                    picture[(pixel * Channels) + channel] = (digit[pixel] / ImageBytes.Middle) - 1f;
            }
        }
        return Tensor.From(device, new Shape(n, Shape.Length), pictures);
    }

    /// <inheritdoc/>
    public override ModesTally NewTally() => new(Modes, judgesQuality: false);

    /// <summary>
    /// Counts pictures [n, Shape.Length], from -1 (black) to 1, by the classes of their channels. Several threads may count.
    /// </summary>
    public override void Count(ReadOnlySpan<float> samples, ModesTally tally)
    {
        int pixels = Shape.Height * Shape.Width, n = samples.Length / Shape.Length;
        var digits = new byte[samples.Length]; // [picture, channel, pixel]
        for (int i = 0; i < n; i++)
        {
            for (int at = 0; at < Shape.Length; at++)
            {
                int to = (((i * Channels) + (at % Channels)) * pixels) + (at / Channels);
                digits[to] = ImageGrid.ToByte((samples[(i * Shape.Length) + at] + 1f) / 2f);
            }
        }
        byte[] classes;
        lock (_classifier)
            classes = _classifier.Extract(new ImageBytes(_digits.Training.Shape, digits)).Classes;
        for (int i = 0; i < n; i++)
        {
            int mode = 0;
            foreach (byte of in classes.AsSpan(i * Channels, Channels))
                mode = (mode * _digits.Classes.Count) + of;
            tally.Add(mode);
        }
    }

    /// <summary>Writes which digits are stacked.</summary>
    public void WriteSource(Utf8JsonWriter json)
    {
        json.WriteString("digits", _digits.Name);
        json.WriteString("where", _digits.Where);
        json.WriteNumber("count", _digits.Training.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => _classifier.Dispose();

    /// <inheritdoc/>
    internal override Image Draw(ReadOnlySpan<float> samples) => ImageGrid.Compose(samples, Shape, -1f, 1f, GridSide, GridSide);
}

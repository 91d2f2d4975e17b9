using System.Globalization;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>
/// A layer as data: all but its numbers. Summaries, files and other frameworks' versions of a network are made from it, so that no network
/// is written down twice.
/// </summary>
/// <param name="Kind">What the layer is: `Linear`, `Conv2d`, `ConvTranspose2d`, `BatchNorm`, `Dropout`, `Activation`, `Unflatten`,
/// `Flatten`, `Upsample`, `ZeroPad`, `GlobalAveragePool`, `EmbeddingProduct`, `EmbeddingSum`, `EmbeddingDot`; `Concat` and `Sum` join
/// the two before them.</param>
public sealed record LayerSpec(string Kind)
{
    /// <summary>Columns of its input; null where they are its output's, or any.</summary>
    public int? Inputs { get; init; }

    /// <summary>Columns of its output, or channels; null for a layer that takes any.</summary>
    public int? Outputs { get; init; }

    /// <summary>Rows of the table of labels; null for layers without one.</summary>
    public int? Labels { get; init; }

    /// <summary>Rows of zeros above and below pictures, and columns of them on the left and on the right; null for other layers.</summary>
    public (int Top, int Bottom, int Left, int Right)? Padding { get; init; }

    /// <summary>Rows, columns and channels of the pictures that a layer makes of rows of numbers, or the other way round.</summary>
    public (int Height, int Width, int Channels)? Picture { get; init; }

    /// <summary>The window of a convolution; of a transposed one, that of the convolution back; null for other layers.</summary>
    public Window? Window { get; init; }

    /// <summary>The activation that it ends in; null for none.</summary>
    public ActivationSpec? Activation { get; init; }

    /// <summary>Whether its weight is divided by its largest singular value.</summary>
    public bool SpectralNorm { get; init; }

    /// <summary>The share that running statistics keep of themselves at each step, as in Keras; 1 less PyTorch's.</summary>
    public float? Momentum { get; init; }

    /// <summary>Added to a variance before its root is taken.</summary>
    public float? Epsilon { get; init; }

    /// <summary>The probability that an element is kept.</summary>
    public float? Keep { get; init; }

    /// <summary>
    /// The layer in a few words: `Linear 100 → 256, LeakyReLU(0.2)`, `Conv2d 32 → 64, 3x3 /2`, `BatchNorm 256 (momentum 0.8, epsilon
    /// 0.001)`.
    /// </summary>
    public override string ToString()
    {
        string layer = (Inputs, Outputs) switch
        {
            ({ } inputs, { } outputs) => $"{Kind} {inputs} → {outputs}",
            (null, { } outputs) when Labels is { } labels => $"{Kind} {labels} x {outputs}",
            (null, { } outputs) => $"{Kind} {outputs}",
            _ when Padding is var (top, bottom, left, right) => $"{Kind} {top} above, {bottom} below, {left} left, {right} right",
            _ when Picture is var (height, width, channels) => $"{Kind} {height}x{width}x{channels}",
            _ => Kind,
        };
        bool isActivation = Outputs is null && Activation is not null;
        string parts = Join(isActivation ? null : layer, Window?.ToString(), Activation?.ToString(), SpectralNorm ? "spectral norm" : null);
        string settings = Join(Setting("momentum", Momentum), Setting("epsilon", Epsilon), Setting("keep", Keep));
        return settings == "" ? parts : $"{parts} ({settings})";

        static string Join(params string?[] texts) => string.Join(", ", texts.OfType<string>());

        static string? Setting(string name, float? value) =>
            value is null ? null : string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.########}");
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Rows of numbers [N, height·width·channels] as pictures [N, height, width, channels], or the other way round.</summary>
public sealed class Reshape : Module
{
    private readonly int _height, _width, _channels;

    private Reshape(string kind, int height, int width, int channels)
    {
        (_height, _width, _channels) = (height, width, channels);
        Specs = [new(kind) { Picture = (height, width, channels) }];
    }

    /// <summary>Makes a layer whose output is pictures.</summary>
    public static Reshape ToPictures(int height, int width, int channels) => new("Unflatten", height, width, channels);

    /// <summary>Makes a layer whose input is pictures, and its output a row for each.</summary>
    public static Reshape Flatten(int height, int width, int channels) => new("Flatten", height, width, channels);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Shape OutputShape(Shape input)
    {
        int length = _height * _width * _channels, pictures = input.Rank == 4 ? input[0] : input.Rows;
        Shape flat = new(pictures, length), square = new(pictures, _height, _width, _channels);
        bool flattens = Specs[0].Kind == "Flatten";
        return input == (flattens ? square : flat)
            ? (flattens ? flat : square)
            : throw new ArgumentException($"{Description}: the input is {input}, not {(flattens ? square : flat)}");
    }

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.Reshape(OutputShape(x.Shape));
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Data;

/// <summary>How the pictures of a set are made of files, and what size they have.</summary>
public sealed record PictureRequest
{
    private const string Group = "Data", Auto = "auto";

    /// <summary>Rows and columns of each picture.</summary>
    [Option(
        "--resolution", "Rows and columns of each picture: its central square is scaled",
        Group = Group, Choices = typeof(Resolutions), Default = "the set's; of DIR 28, or 32 in colour")]
    public int? Resolution { get; init; }

    /// <summary>Channels of each picture: 1 for grey, 3 for colour; auto: the set's own, or what most pictures of a folder have.</summary>
    [Option("--channels", "1: grey; 3: colour; auto: as most pictures are", Group = Group, Choices = typeof(ChannelCounts))]
    public string Channels { get; init; } = Auto;

    /// <summary>What lies behind transparent parts of pictures in files.</summary>
    [Option("--background", "What lies behind transparent parts of pictures in DIR", Group = Group)]
    public Background Background { get; init; }

    /// <summary>Returns the shape that the pictures of a folder get.</summary>
    /// <param name="isColour">Whether most of them have colour.</param>
    public PictureShape ShapeOfFiles(bool isColour)
    {
        int channels = Channels == Auto ? isColour ? 3 : 1 : ChannelsAsked;
        return channels == 1 ? Sized(MnistFiles.Shape) : Sized(Cifar10Files.Shape);
    }

    /// <summary>Whether the pictures themselves decide between grey and colour.</summary>
    internal bool IsAuto => Channels == Auto;

    private int ChannelsAsked => Channels == "1" ? 1 : 3;

    /// <summary>Returns the shape that pictures of another one get: their own, where nothing else is asked for.</summary>
    public PictureShape ShapeOf(PictureShape own) => Sized(own) with { Channels = IsAuto ? own.Channels : ChannelsAsked };

    /// <summary>Returns a set with its pictures in the size and the channels that are asked for: itself where they are its own.</summary>
    /// <param name="set">The set.</param>
    /// <param name="threads">Threads that scale; 0: one for each core.</param>
    /// <exception cref="GanException">Usage: that would be more bytes than fit.</exception>
    public ImageSet Of(ImageSet set, int threads = 0)
    {
        var shape = ShapeOf(set.Shape);
        if (shape == set.Shape)
            return set;
        if (!HasRoom(set.Count, shape))
            throw TooMany(set.Count, shape);
        var pixels = new byte[set.Count * shape.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1 };
        Parallel.For(0, set.Count, options, i =>
        {
            var own = set.Bytes[i].ToArray();
            var picture = new Image(set.Shape.Width, set.Shape.Height, set.Shape.Channels, own);
            CentreCrop.Resize(picture, shape, pixels.AsSpan(i * shape.Length, shape.Length));
        });
        return new ImageSet(set.Name, set.Where, set.Count, shape, pixels, set.Labels, set.Classes);
    }

    /// <summary>Whether an array of bytes holds so many pictures.</summary>
    internal static bool HasRoom(long count, PictureShape shape) => count * shape.Length <= Array.MaxLength;

    /// <summary>Makes the exception for more pictures than an array of bytes holds.</summary>
    internal static GanException TooMany(long count, PictureShape shape) => new(
        ExitCode.Usage,
        $"{count:N0} pictures of {shape} are more than the {Array.MaxLength / shape.Length:N0} that fit. Use a smaller --resolution, "
        + "or --channels 1.");

    // a square, as all pictures are cropped to
    private PictureShape Sized(PictureShape own)
    {
        int size = Resolution ?? Math.Min(own.Height, own.Width);
        return own with { Height = size, Width = size };
    }

    /// <summary>The sizes that pictures can be scaled to.</summary>
    internal sealed class Resolutions : IChoices
    {
        public IReadOnlyList<string> Words => ["28", "32", "48", "64", "96", "128"];

        public string? Others => null;
    }

    private sealed class ChannelCounts : IChoices
    {
        public IReadOnlyList<string> Words => [Auto, "1", "3"];

        public string? Others => null;
    }
}

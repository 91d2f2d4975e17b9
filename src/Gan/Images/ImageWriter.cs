using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;

namespace GanFromScratch.Gan.Images;

/// <summary>
/// Writes pictures as the kind of file that the name's ending says, by SixLabors.ImageSharp: PNG and WebP without any loss, JPEG of quality
/// 90 at full resolution of colours, GIF as <see cref="AnimatedGif"/> says. Grey pictures are written as grey ones, but for WebP. Files
/// hold pixels alone, and the same picture gives the same bytes, a JPEG's only on processors with the same vectors.
/// </summary>
public static class ImageWriter
{
    /// <summary>The most pixels of a picture that is written: as many as are read.</summary>
    public const int MaxPixels = ImageFiles.MaxPixels;

    private const int JpegQuality = 90;

    private static readonly PngEncoder PngEncoding = new()
    {
        CompressionLevel = PngCompressionLevel.Level6,
        FilterMethod = PngFilterMethod.Adaptive,
        ChunkFilter = PngChunkFilter.ExcludeAll,
    };

    private static readonly WebpEncoder Webp = new() { FileFormat = WebpFileFormatType.Lossless };

    private static readonly Kind[] Kinds =
    [
        new("PNG", [".png"], MaxPixels, (stream, image) => Save(stream, image, PngEncoding)),
        new("JPEG", [".jpg", ".jpeg"], ushort.MaxValue, (stream, image) => Save(stream, image, new JpegEncoder
        {
            Quality = JpegQuality,
            ColorType = image.Channels == 1 ? JpegColorType.Luminance : JpegColorType.YCbCrRatio444,
        })),
        new("GIF", [".gif"], ushort.MaxValue, (stream, image) => AnimatedGif.WriteStill(stream, image)),
        new("WebP", [".webp"], (1 << 14) - 1, (stream, image) => Save(stream, image, Webp)),
    ];

    /// <summary>The endings of names that are known, in lower case, such as `.png`; capitals are taken too.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. Kinds.SelectMany(kind => kind.Endings)];

    // These encoders and no others, each on the thread that calls it.
    internal static Configuration Encoding { get; } = new(
        new PngConfigurationModule(), new JpegConfigurationModule(), new GifConfigurationModule(), new WebpConfigurationModule())
    {
        MaxDegreeOfParallelism = 1,
    };

    /// <summary>Writes a picture by <see cref="AtomicFile"/>.</summary>
    /// <param name="path">The file; its ending is one of <see cref="Endings"/>.</param>
    /// <param name="image">The picture.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    /// <exception cref="GanException">Usage: too large for this kind of file. Writing: the file can't be written.</exception>
    public static void Write(string path, Image image)
    {
        RequireRoom(path, image.Width, image.Height);
        AtomicFile.Write(path, stream => Of(path).Write(stream, image));
    }

    /// <summary>Returns a picture as the bytes of a PNG.</summary>
    internal static byte[] Png(Image image)
    {
        using var stream = new MemoryStream();
        Save(stream, image, PngEncoding);
        return stream.ToArray();
    }

    /// <summary>Checks that a kind of file can hold a picture, before it is made.</summary>
    /// <param name="path">The file; its ending is one of <see cref="Endings"/>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    /// <exception cref="GanException">Usage: it can't.</exception>
    public static void RequireRoom(string path, long width, long height)
    {
        var kind = Of(path);
        string? most = Math.Max(width, height) > kind.MostExtent ? $"{kind.MostExtent:N0} each way"
            : width * height > MaxPixels ? $"{MaxPixels:N0} in all"
            : null;
        if (most is not null)
        {
            throw new GanException(
                ExitCode.Usage,
                $"{path} would have {width:N0}x{height:N0} pixels, and a {kind.Name} has at most {most}. "
                + "Use fewer pictures or a smaller --zoom.");
        }
    }

    /// <summary>Returns a picture's pixels in colour, for an encoder.</summary>
    internal static Image<Rgb24> InColour(Image image)
    {
        if (image.Channels == 3)
            return Pixels<Rgb24>(image);
        using var grey = Pixels<L8>(image);
        return grey.CloneAs<Rgb24>();
    }

    private static Kind Of(string path) => Array.Find(Kinds, kind => kind.Endings.Contains(Path.GetExtension(path).ToLowerInvariant()))
        ?? throw new ArgumentException($"ImageWriter: '{path}' ends in none of {string.Join(", ", Endings)}");

    private static void Save(Stream stream, Image image, IImageEncoder encoder)
    {
        using SixLabors.ImageSharp.Image pixels = image.Channels == 1 ? Pixels<L8>(image) : Pixels<Rgb24>(image);
        pixels.Save(stream, encoder);
    }

    private static Image<TPixel> Pixels<TPixel>(Image image)
        where TPixel : unmanaged, IPixel<TPixel> =>
        SixLabors.ImageSharp.Image.LoadPixelData<TPixel>(Encoding, image.Pixels, image.Width, image.Height);

    private sealed record Kind(string Name, string[] Endings, int MostExtent, Action<Stream, Image> Write);
}

using System.Text;
using System.Text.Json.Serialization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace GanFromScratch.Gan.Images;

/// <summary>What lies behind the transparent parts of a picture.</summary>
[JsonConverter(typeof(WordConverter<Background>))]
public enum Background
{
    /// <summary>0 in every channel.</summary>
    Black,

    /// <summary>255 in every channel.</summary>
    White,

    /// <summary>128 in every channel.</summary>
    Grey,
}

/// <summary>A picture that was read from a file.</summary>
/// <param name="Image">Its pixels: grey where the file holds no colour channels, otherwise red, green, blue.</param>
/// <param name="HadAlpha">Whether any of it was transparent.</param>
/// <param name="Kind">The kind of file, such as `PNG`.</param>
internal sealed record DecodedImage(Image Image, bool HadAlpha, string Kind);

/// <summary>Memory for the pixels of one picture after another: large arrays anew for each cost more time than decoding does.</summary>
internal sealed class PixelRoom
{
    private byte[] _pixels = [];

    /// <summary>Returns memory for a picture; what was in it before lasts no longer.</summary>
    public Memory<byte> Of(int length)
    {
        if (_pixels.Length < length)
            _pixels = GC.AllocateUninitializedArray<byte>(length);
        return _pixels.AsMemory(0, length);
    }
}

/// <summary>
/// Reads pictures of the kinds that people have, by SixLabors.ImageSharp: PNG, JPEG, BMP and WebP, whatever their names end in. What is
/// transparent lies on a background, and pictures that are to be turned are.
/// </summary>
internal static class ImageFiles
{
    /// <summary>The bytes at the start of a file that tell its kind.</summary>
    public const int HeadBytes = 16;

    /// <summary>The most pixels of a picture: 256 MiB as they are decoded.</summary>
    public const int MaxPixels = 1 << 26;

    // Blank ones alone have more; a file of some bytes that claims a large picture would only fill the memory.
    private const int MaxPixelsOfAByte = 4096;

    // These decoders and no others, each on the thread that calls it: files are read side by side.
    private static readonly Configuration Reading =
        new(new PngConfigurationModule(), new JpegConfigurationModule(), new BmpConfigurationModule(), new WebpConfigurationModule())
        {
            MaxDegreeOfParallelism = 1,
            MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { MaximumPoolSizeMegabytes = 64 }),
        };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="background">What lies behind transparent parts.</param>
    /// <param name="room">Where its pixels are put; null: in an array of their own.</param>
    /// <exception cref="GanException">Data: the file can't be read, is too large, damaged, or of another kind.</exception>
    public static DecodedImage Read(string path, Background background = Background.Black, PixelRoom? room = null)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Read(stream, path, background, room);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, fault);
        }
    }

    /// <summary>Reads a picture.</summary>
    /// <param name="stream">The file, which can be read twice.</param>
    /// <param name="name">The name of the picture in errors.</param>
    /// <param name="background">What lies behind transparent parts.</param>
    /// <param name="room">Where its pixels are put; null: in an array of their own.</param>
    /// <exception cref="GanException">Data: it is too large, damaged, or of another kind.</exception>
    public static DecodedImage Read(Stream stream, string name, Background background = Background.Black, PixelRoom? room = null)
    {
        var head = new byte[HeadBytes];
        int got = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (got == 0)
            throw Refused(name, "is empty");
        if (OtherKind(head) is { } kind)
            throw Refused(name, $"is {kind}, which is not read; save it as PNG or JPEG");
        stream.Position = 0;
        if (!FileEnd.IsThere(stream))
            throw Refused(name, "is cut short: the end of the file is missing");
        if (head.AsSpan().StartsWith(InterlacedPng.Signature))
            stream = PngChunk.WithoutTexts(stream);
        stream.Position = 0;
        var info = Decoded(name, () => SixLabors.ImageSharp.Image.Identify(Reading, stream));
        if (info is null)
            throw Refused(name, "is no picture of a kind that is read: PNG, JPEG, BMP or WebP");
        if (info.Width < 1 || info.Height < 1 || (long)info.Width * info.Height > MaxPixels)
            throw Refused(name, $"says that it has {info.Width:N0}x{info.Height:N0} pixels, and at most {MaxPixels:N0} are read");
        if ((long)info.Width * info.Height > stream.Length * MaxPixelsOfAByte)
        {
            throw Refused(
                name, $"says that it has {info.Width:N0}x{info.Height:N0} pixels, more than {stream.Length:N0} bytes of a picture hold");
        }
        stream.Position = 0;
        if (!InterlacedPng.IsWhole(stream))
            throw Refused(name, "is damaged: some of its rows are missing");
        stream.Position = 0;
        return Decoded(name, () =>
        {
            using var decoded = SixLabors.ImageSharp.Image.Load<Rgba32>(Reading, stream, out var format);
            decoded.Mutate(Reading, context => context.AutoOrient());
            return Flattened(decoded, format, background, room ?? new PixelRoom());
        });
    }

    /// <summary>Tells whether a file begins like a picture of a kind that is read.</summary>
    /// <param name="head">Its first <see cref="HeadBytes"/>, or all of a shorter one.</param>
    public static bool IsPicture(ReadOnlySpan<byte> head) =>
        head.StartsWith(InterlacedPng.Signature) || head is [0xFF, 0xD8, 0xFF, ..]
        || (head.Length >= 10 && head.StartsWith("BM"u8) && head[6..10].IndexOfAnyExcept((byte)0) < 0)
        || (head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8));

    // What these decoders throw at damaged files is more than their own exceptions: whatever it is, the picture can't be used.
    private static T Decoded<T>(string name, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (OutOfMemoryException)
        {
            throw Refused(name, "asks for more memory than there is: it is damaged, or too large for this machine");
        }
        catch (Exception fault) when (fault is EndOfStreamException or not IOException)
        {
            throw Damaged(name, fault);
        }
    }

    private static DecodedImage Flattened(Image<Rgba32> decoded, IImageFormat format, Background background, PixelRoom room)
    {
        bool isGrey = IsGrey(decoded, format);
        int channels = isGrey ? 1 : 3, behind = background switch { Background.Black => 0, Background.White => 255, _ => 128 };
        var pixels = room.Of(decoded.Width * decoded.Height * channels);
        bool hadAlpha = false;
        decoded.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
                hadAlpha |= Lay(rows.GetRowSpan(y), (byte)behind, pixels.Span.Slice(y * rows.Width * channels, rows.Width * channels));
        });
        return new DecodedImage(new Image(decoded.Width, decoded.Height, channels, pixels), hadAlpha, format.Name);
    }

    /// <summary>Lays a row on the background.</summary>
    /// <returns>Whether any of it was transparent.</returns>
    private static bool Lay(ReadOnlySpan<Rgba32> row, byte behind, Span<byte> to)
    {
        int channels = to.Length / row.Length;
        bool hadAlpha = false;
        for (int x = 0; x < row.Length; x++)
        {
            var pixel = row[x];
            if (pixel.A != byte.MaxValue)
            {
                hadAlpha = true;
                pixel = new Rgba32(Laid(pixel.R, pixel.A), Laid(pixel.G, pixel.A), Laid(pixel.B, pixel.A));
            }
            to[x * channels] = pixel.R;
            if (channels == 1)
                continue;
            to[(x * channels) + 1] = pixel.G;
            to[(x * channels) + 2] = pixel.B;
        }
        return hadAlpha;

        byte Laid(byte value, byte alpha) => (byte)(((value * alpha) + (behind * (255 - alpha)) + 127) / 255);
    }

    private static bool IsGrey(Image<Rgba32> decoded, IImageFormat format) => format switch
    {
        PngFormat => decoded.Metadata.GetPngMetadata().ColorType is PngColorType.Grayscale or PngColorType.GrayscaleWithAlpha,
        JpegFormat => decoded.Metadata.GetJpegMetadata().ColorType == JpegColorType.Luminance,
        _ => false,
    };

    /// <summary>Returns a kind of file that people take for one that can be read; null where it is none.</summary>
    private static string? OtherKind(ReadOnlySpan<byte> head)
    {
        if (head[4..8].SequenceEqual("ftyp"u8))
        {
            string brand = Encoding.ASCII.GetString(head[8..12]);
            return brand.StartsWith("avi", StringComparison.Ordinal) ? "an AVIF picture"
                : brand is "heic" or "heix" or "hevc" or "heim" or "heis" or "mif1" or "msf1" ? "a HEIC picture, as phones take them"
                : "a film";
        }
        return head.StartsWith("GIF8"u8) ? "a GIF"
            : head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) ? "a TIFF"
            : head.StartsWith("%PDF"u8) ? "a PDF"
            : head.StartsWith("BA"u8) && head[14..].SequenceEqual("BM"u8) ? "a list of OS/2 bitmaps"
            : head.StartsWith("PK\x03\x04"u8) ? "a zip archive"
            : head.TrimStart(" \t\r\n\uFEFF"u8).StartsWith("<"u8) ? "text, such as SVG or a page of the web"
            : null;
    }

    private static GanException Refused(string name, string why) => new(ExitCode.Data, $"{name} {why}.");

    private static GanException Damaged(string name, Exception fault) => new(
        ExitCode.Data, $"{name} is damaged, or is a kind of picture that is not read: {Sentence(fault)}.", fault);

    /// <summary>Returns what a decoder says, without its own name for the trouble.</summary>
    private static string Sentence(Exception fault) => fault is ImageFormatException or NotSupportedException
        ? fault.Message.Split('\n')[0].Trim().TrimEnd('.')
        : "its contents make no sense";
}

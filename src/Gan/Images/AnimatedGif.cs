using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Gif;

namespace GanFromScratch.Gan.Images;

// file: header, screen, palette [256, 3], loop extension, then each frame, then a byte that ends it

/// <summary>
/// Writes GIFs of whole frames with one palette, which repeat for ever. The same frames give the same bytes. ImageSharp writes each frame
/// as a picture of its own, and the parts are joined here: an animation it would hold in memory, and give colours that are alike one index.
/// </summary>
public static class AnimatedGif
{
    private const int Head = 6 + 7 + (3 * FramePalette.Size);

    // Netscape's extension; 0 repeats are endless
    private static readonly byte[] Loop = [0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0];

    /// <summary>
    /// Writes frames, of which at most two are in memory. Grey frames are exact; colour frames are exact up to 256 different colours in
    /// all, otherwise each pixel gets one of 256, without dithering, which would flicker.
    /// </summary>
    /// <param name="path">The file, written by <see cref="AtomicFile"/>.</param>
    /// <param name="frames">At least one, all of one shape. Enumerated twice (colour: three times), first for a single frame.</param>
    /// <param name="delay">Time of a frame, in 1/100 s; many viewers take 0 and 1 for 10.</param>
    /// <param name="lastDelay">Time of the last frame, in 1/100 s.</param>
    /// <exception cref="ArgumentException">No frames, or a delay outside 0 to 65535.</exception>
    /// <exception cref="GanException">
    /// Data: frames of different shapes. Usage: too large for a GIF. Writing: the file can't be written.
    /// </exception>
    public static void Write(string path, IEnumerable<Image> frames, int delay = 20, int lastDelay = 200)
    {
        if (delay is < 0 or > ushort.MaxValue || lastDelay is < 0 or > ushort.MaxValue)
            throw new ArgumentException($"AnimatedGif: delays {delay} and {lastDelay} must lie within 0 to 65535 hundredths of a second");
        var first = frames.FirstOrDefault() ?? throw new ArgumentException("AnimatedGif: no frames", nameof(frames));
        ImageWriter.RequireRoom(path, first.Width, first.Height);
        var alike = OfOneShape(frames, first.Shape);
        var palette = first.Channels == 1 ? FramePalette.Grey : FramePalette.Of(alike);
        AtomicFile.Write(path, stream => Write(stream, alike, palette, delay, lastDelay));
    }

    /// <summary>Writes a single picture.</summary>
    internal static void WriteStill(Stream stream, Image image) =>
        Write(stream, [image], image.Channels == 1 ? FramePalette.Grey : FramePalette.Of([image]), delay: 0, lastDelay: 0);

    private static void Write(Stream stream, IEnumerable<Image> frames, FramePalette palette, int delay, int lastDelay)
    {
        using var file = new MemoryStream();
        Image? held = null;
        bool begun = false;
        foreach (var frame in frames)
        {
            if (held is not null)
            {
                Encode(file, held, palette, delay);
                if (!begun)
                    stream.Write([.. file.GetBuffer().AsSpan(0, Head), .. Loop]);
                stream.Write(file.GetBuffer().AsSpan(Head..(int)(file.Length - 1)));
                begun = true;
            }
            held = frame;
        }
        Encode(file, held!, palette, lastDelay);
        stream.Write(file.GetBuffer().AsSpan(begun ? Head : 0, (int)file.Length - (begun ? Head : 0)));
    }

    private static void Encode(MemoryStream file, Image frame, FramePalette palette, int delay)
    {
        file.SetLength(0);
        using var picture = ImageWriter.InColour(frame);
        var settings = picture.Frames.RootFrame.Metadata.GetGifMetadata();
        (settings.FrameDelay, settings.DisposalMethod) = (delay, GifDisposalMethod.NotDispose);
        picture.Save(file, new GifEncoder { ColorTableMode = GifColorTableMode.Global, Quantizer = palette });
    }

    private static IEnumerable<Image> OfOneShape(IEnumerable<Image> frames, PictureShape shape)
    {
        int number = 0;
        foreach (var frame in frames)
        {
            number++;
            if (frame.Shape != shape)
            {
                throw new GanException(
                    ExitCode.Data,
                    $"Frame {number} of the animation is {frame.Shape}, and the first is {shape}. Remove the frame that differs.");
            }
            yield return frame;
        }
    }
}

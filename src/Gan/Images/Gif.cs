using System.Buffers.Binary;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Images;

// file: header, screen [width u16, height u16], palette [256, 3], loop extension, per frame [control extension, descriptor, LZW], 0x3B

/// <summary>
/// Writes animated GIFs (CompuServe, GIF89a; the loop is Netscape's extension) of whole frames over one palette. The same frames give
/// the same bytes.
/// </summary>
public static class Gif
{
    /// <summary>
    /// Writes frame after frame and holds two of them at most, so a sequence that reads its pictures when asked takes little memory.
    /// Grey frames are exact; RGB frames are exact up to 256 different colours in all, otherwise each pixel takes the nearest of 256.
    /// </summary>
    /// <param name="stream">Where the file goes.</param>
    /// <param name="frames">At least one, all of one size and kind. Walked through twice (RGB: three times), the first time to its first frame only.</param>
    /// <param name="delay">How long a frame is shown, in 1/100 s; many viewers take 0 and 1 for 10.</param>
    /// <param name="lastDelay">How long the last one is shown, in 1/100 s.</param>
    /// <param name="loop">Begin again after the last frame, for ever.</param>
    /// <exception cref="ArgumentException">No frames, or a delay outside 0 to 65535.</exception>
    /// <exception cref="GanException"><see cref="ExitCode.Data"/>: frames of different sizes or kinds, or too large for a GIF.</exception>
    public static void Write(Stream stream, IEnumerable<Image> frames, int delay = 20, int lastDelay = 200, bool loop = true)
    {
        if (delay is < 0 or > ushort.MaxValue || lastDelay is < 0 or > ushort.MaxValue)
            throw new ArgumentException($"Gif: delays {delay} and {lastDelay} must lie within 0 to 65535 hundredths of a second");
        var first = frames.FirstOrDefault() ?? throw new ArgumentException("Gif: no frames; an animation takes one at least", nameof(frames));
        if (first.Width > ushort.MaxValue || first.Height > ushort.MaxValue)
            throw new GanException(ExitCode.Data, $"A GIF can't be {first.Width}x{first.Height} pixels, only up to 65535 each way; use a smaller zoom or grid.");

        var palette = first.Channels == 3 ? Palette.Of(Alike(frames, first)) : null;
        WriteStart(stream, first, palette is null ? GreyRamp() : palette.Colours, loop);

        var lzw = new Lzw();
        var indices = new byte[first.Width * first.Height];
        Image? held = null;
        foreach (var frame in Alike(frames, first))
        {
            if (held is not null)
                WriteFrame(stream, held, palette, indices, lzw, delay);
            held = frame;
        }
        WriteFrame(stream, held!, palette, indices, lzw, lastDelay);
        stream.WriteByte(0x3B);
    }

    private static IEnumerable<Image> Alike(IEnumerable<Image> frames, Image first)
    {
        int number = 0;
        foreach (var frame in frames)
        {
            number++;
            if (frame.Shape != first.Shape)
            {
                throw new GanException(
                    ExitCode.Data,
                    $"The animation's frame {number} is {frame.Shape}, but its first is {first.Shape}; all must be alike: take the odd one out.");
            }
            yield return frame;
        }
    }

    private static void WriteStart(Stream stream, Image first, ReadOnlySpan<byte> colours, bool loop)
    {
        stream.Write("GIF89a"u8);
        WriteNumber(stream, first.Width);
        WriteNumber(stream, first.Height);
        stream.Write([0b1_111_0_111, 0, 0]); // a global palette of 2^(7+1), 8 bits a channel, unsorted; background 0; no aspect ratio
        stream.Write(colours);
        if (!loop)
            return;
        stream.Write([0x21, 0xFF, 11]);
        stream.Write("NETSCAPE2.0"u8);
        stream.Write([3, 1, 0, 0, 0]); // 0 times means for ever
    }

    private static void WriteFrame(Stream stream, Image frame, Palette? palette, Span<byte> indices, Lzw lzw, int delay)
    {
        stream.Write([0x21, 0xF9, 4, 0b000_001_0_0]); // stays in place, no input, nothing transparent
        WriteNumber(stream, delay);
        stream.Write([0, 0]);

        stream.WriteByte(0x2C);
        WriteNumber(stream, 0);
        WriteNumber(stream, 0);
        WriteNumber(stream, frame.Width);
        WriteNumber(stream, frame.Height);
        stream.WriteByte(0);
        if (palette is null)
        {
            lzw.Write(stream, frame.Pixels);
            return;
        }
        palette.Indices(frame, indices);
        lzw.Write(stream, indices);
    }

    private static byte[] GreyRamp()
    {
        var ramp = new byte[Palette.Size * 3];
        for (int i = 0; i < ramp.Length; i++)
            ramp[i] = (byte)(i / 3);
        return ramp;
    }

    private static void WriteNumber(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        stream.Write(bytes);
    }
}

using System.Buffers.Binary;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Images;

// file: header, screen [width u16, height u16], palette [256, 3], loop extension, per frame [control extension, descriptor, LZW], 0x3B

/// <summary>
/// Writes animated GIFs (CompuServe, GIF89a; looping by Netscape's extension) of whole frames with one palette. The same frames give the
/// same bytes.
/// </summary>
public static class Gif
{
    /// <summary>
    /// Writes frames, of which at most two are in memory. Grey frames are exact; colour frames are exact up to 256 different colours in
    /// all, otherwise each pixel gets the nearest of 256.
    /// </summary>
    /// <param name="stream">The file.</param>
    /// <param name="frames">At least one, all of one shape. Enumerated twice (colour: three times), first for a single frame.</param>
    /// <param name="delay">Time of a frame, in 1/100 s; many viewers take 0 and 1 for 10.</param>
    /// <param name="lastDelay">Time of the last frame, in 1/100 s.</param>
    /// <param name="loop">Whether to repeat for ever.</param>
    /// <exception cref="ArgumentException">No frames, or a delay outside 0 to 65535.</exception>
    /// <exception cref="GanException">Data: frames of different shapes, or too large for a GIF.</exception>
    public static void Write(Stream stream, IEnumerable<Image> frames, int delay = 20, int lastDelay = 200, bool loop = true)
    {
        if (delay is < 0 or > ushort.MaxValue || lastDelay is < 0 or > ushort.MaxValue)
            throw new ArgumentException($"Gif: delays {delay} and {lastDelay} must lie within 0 to 65535 hundredths of a second");
        var first = frames.FirstOrDefault() ?? throw new ArgumentException("Gif: no frames; at least one is needed", nameof(frames));
        if (first.Width > ushort.MaxValue || first.Height > ushort.MaxValue)
        {
            throw new GanException(
                ExitCode.Data, $"A GIF can't have {first.Height}x{first.Width} pixels, only 65535 each way. Use a smaller zoom or grid.");
        }

        var palette = first.Channels == 3 ? Palette.Of(OfOneShape(frames, first)) : null;
        WriteStart(stream, first, palette is null ? GreyRamp() : palette.Colours, loop);

        var lzw = new Lzw();
        var indices = new byte[first.Width * first.Height];
        Image? held = null;
        foreach (var frame in OfOneShape(frames, first))
        {
            if (held is not null)
                WriteFrame(stream, held, palette, indices, lzw, delay);
            held = frame;
        }
        WriteFrame(stream, held!, palette, indices, lzw, lastDelay);
        stream.WriteByte(0x3B);
    }

    private static IEnumerable<Image> OfOneShape(IEnumerable<Image> frames, Image first)
    {
        int number = 0;
        foreach (var frame in frames)
        {
            number++;
            if (frame.Shape != first.Shape)
            {
                throw new GanException(
                    ExitCode.Data,
                    $"Frame {number} of the animation is {frame.Shape}, and the first is {first.Shape}. Remove the frame that differs.");
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
        stream.Write([3, 1, 0, 0, 0]); // 0: for ever
    }

    private static void WriteFrame(Stream stream, Image frame, Palette? palette, Span<byte> indices, Lzw lzw, int delay)
    {
        stream.Write([0x21, 0xF9, 4, 0b000_001_0_0]); // stays in place, no input, no transparency
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

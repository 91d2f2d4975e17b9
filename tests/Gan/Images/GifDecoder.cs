using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What a GIF held: its frames' pixels as red, green, blue, and its times.</summary>
internal sealed record DecodedGif(int Width, int Height, List<byte[]> Frames, List<int> Delays, int? Loops);

/// <summary>
/// A plain reader of the GIFs that are written here, kept apart from the writer: dictionary of byte strings, one bit at a time.
/// </summary>
internal static class GifDecoder
{
    public static DecodedGif Read(byte[] file)
    {
        Assert.That(file.Take(6), Is.EqualTo("GIF89a"u8.ToArray()));
        int width = Number(file, 6), height = Number(file, 8), at = 13;
        Assert.That(file[10] & 0x80, Is.Not.Zero, "a global palette");
        int colours = 2 << (file[10] & 7);
        var palette = file.AsSpan(at, colours * 3).ToArray();
        at += colours * 3;

        var gif = new DecodedGif(width, height, [], [], null);
        while (file[at] != 0x3B)
        {
            if (file[at] == 0x21)
            {
                byte label = file[at + 1];
                at += 2;
                var data = Blocks(file, ref at);
                if (label == 0xF9)
                    gif.Delays.Add(Number(data, 1));
                else if (label == 0xFF && data.AsSpan(0, 11).SequenceEqual("NETSCAPE2.0"u8))
                    gif = gif with { Loops = Number(data, 12) };
                continue;
            }
            Assert.That(file[at], Is.EqualTo(0x2C), $"a block begins at {at}");
            Assert.That(new[] { Number(file, at + 1), Number(file, at + 3), Number(file, at + 5), Number(file, at + 7), file[at + 9] },
                Is.EqualTo(new[] { 0, 0, width, height, 0 }));
            int codeSize = file[at + 10];
            at += 11;
            var indices = Unpack(Blocks(file, ref at), codeSize);
            Assert.That(indices, Has.Count.EqualTo(width * height));
            gif.Frames.Add([.. indices.SelectMany(i => palette.AsSpan(i * 3, 3).ToArray())]);
        }
        Assert.That(at, Is.EqualTo(file.Length - 1), "nothing follows the end");
        return gif;
    }

    private static List<byte> Unpack(byte[] data, int codeSize)
    {
        int clear = 1 << codeSize, bit = 0, width = codeSize + 1;
        var strings = new List<byte[]>();
        byte[]? last = null;
        var output = new List<byte>();
        while (true)
        {
            int code = 0;
            for (int i = 0; i < width; i++, bit++)
                code |= (data[bit / 8] >> bit % 8 & 1) << i;
            if (code == clear + 1)
            {
                Assert.That((bit + 7) / 8, Is.EqualTo(data.Length), "no bytes follow the end code");
                return output;
            }
            if (code == clear)
            {
                strings = [.. Enumerable.Range(0, clear).Select(b => new[] { (byte)b }), [], []];
                (last, width) = (null, codeSize + 1);
                continue;
            }
            if (last is not null && strings.Count < 4096)
            {
                byte[] next = code < strings.Count ? strings[code] : last;
                strings.Add([.. last, next[0]]);
            }
            if (strings.Count == 1 << width && width < 12)
                width++;
            last = strings[code];
            output.AddRange(last);
        }
    }

    private static byte[] Blocks(byte[] file, ref int at)
    {
        var data = new List<byte>();
        for (; file[at] != 0; at += 1 + file[at])
            data.AddRange(file.AsSpan(at + 1, file[at]));
        at++;
        return [.. data];
    }

    private static int Number(byte[] data, int at) => data[at] | data[at + 1] << 8;
}

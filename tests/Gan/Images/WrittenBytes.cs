using System.Security.Cryptography;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Tests;

/// <summary>Pictures of whole numbers alone, as files of each kind.</summary>
internal static class WrittenBytes
{
    /// <summary>The SHA-256 of PNGs, GIFs and WebPs: grey and colour, with noise and with few colours.</summary>
    public static string Hash()
    {
        using var folder = new TemporaryFolder();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int channels in (int[])[1, 3])
        {
            foreach (var frames in (Image[][])[Rising(channels), Blocks(channels)])
            {
                foreach (string ending in (string[])[".png", ".gif", ".webp"])
                {
                    ImageWriter.Write(folder["a" + ending], frames[^1]);
                    hash.AppendData(File.ReadAllBytes(folder["a" + ending]));
                }
                AnimatedGif.Write(folder["b.gif"], frames);
                hash.AppendData(File.ReadAllBytes(folder["b.gif"]));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // slopes that move, with noise: many colours
    private static Image[] Rising(int channels) => Frames(12, 212, 173, channels, (x, y, c, i) =>
    {
        int across = x * (3 + c) + i * 11 & 511, down = y * (5 - c) + i * 7 & 511;
        uint noise = (uint)(((y * 212 + x) * channels + c) * 12 + i) * 1664525u * 1013904223u;
        return Math.Clamp((Math.Min(across, 511 - across) + Math.Min(down, 511 - down)) / 2 + (int)(noise >> 28) - 8, 0, 255);
    });

    private static Image[] Blocks(int channels) =>
        Frames(5, 100, 90, channels, (x, y, c, i) => (x / 10 * 37 ^ y / 9 * 91 ^ i * 13 ^ c * 50) & 0xE7);

    private static Image[] Frames(int count, int width, int height, int channels, Func<int, int, int, int, int> value) =>
        [.. Enumerable.Range(0, count).Select(frame => new Image(width, height, channels, [.. Enumerable.Range(0, width * height * channels)
            .Select(i => (byte)value(i / channels % width, i / channels / width, i % channels, frame))]))];
}

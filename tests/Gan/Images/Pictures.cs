using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Pictures to try things on.</summary>
internal static class Pictures
{
    public static Image Noise(int width, int height, int channels, int seed)
    {
        var pixels = new byte[width * height * channels];
        new Random(seed).NextBytes(pixels);
        return new Image(width, height, channels, pixels);
    }

    public static Image Constant(int width, int height, int channels, byte value)
    {
        var pixels = new byte[width * height * channels];
        Array.Fill(pixels, value);
        return new Image(width, height, channels, pixels);
    }

    /// <summary>Smooth: what filters are made for, with thousands of colours where there are three channels.</summary>
    public static Image Waves(int width, int height, int channels, double phase = 0)
    {
        var pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int c = i % channels, x = i / channels % width, y = i / channels / width;
            pixels[i] = (byte)(127.5 + 127 * Math.Sin(phase + c + x * 0.05 + y * (0.02 + 0.03 * c)));
        }
        return new Image(width, height, channels, pixels);
    }

    public static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    public static void AssertSame(Image actual, Image expected)
    {
        Assert.That((actual.Width, actual.Height, actual.Channels), Is.EqualTo((expected.Width, expected.Height, expected.Channels)));
        Assert.That(actual.Pixels.SequenceEqual(expected.Pixels), Is.True, "pixels differ");
    }
}

/// <summary>A folder that goes away after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gan-test-");

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}

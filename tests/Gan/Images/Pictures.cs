using GanFromScratch.Gan.Images;
using NUnit.Framework;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using Image = GanFromScratch.Gan.Images.Image;

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

    public static Image Read(string path) => ImageFiles.Read(path).Image;

    /// <summary>A picture's bytes as red, green, blue.</summary>
    public static byte[] Rgb(Image image) =>
        image.Channels == 3 ? image.Pixels.ToArray() : [.. image.Pixels.ToArray().SelectMany(grey => new[] { grey, grey, grey })];

    /// <summary>A PNG file of a picture.</summary>
    public static byte[] Png(Image image)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(folder["a.png"], image);
        return File.ReadAllBytes(folder["a.png"]);
    }

    /// <summary>The frames of a GIF in colour, and their times in 1/100 s.</summary>
    public static (List<Image> Frames, List<int> Delays) ReadGif(string path)
    {
        using var gif = SixLabors.ImageSharp.Image.Load<Rgb24>(path);
        var (frames, delays) = (new List<Image>(), new List<int>());
        foreach (ImageFrame<Rgb24> frame in gif.Frames)
        {
            var pixels = new byte[frame.Width * frame.Height * 3];
            frame.CopyPixelDataTo(pixels);
            frames.Add(new Image(frame.Width, frame.Height, 3, pixels));
            delays.Add(frame.Metadata.GetGifMetadata().FrameDelay);
        }
        return (frames, delays);
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

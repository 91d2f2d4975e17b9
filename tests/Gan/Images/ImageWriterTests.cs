using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Files of single pictures, as other programs read them.</summary>
[Quick]
internal sealed class ImageWriterTests
{
    private const string PillowReads = """
        import sys
        from PIL import Image
        for path in sys.argv[1:]:
            with Image.open(path) as picture, open(path + '.raw', 'wb') as out:
                picture.load()
                out.write(f'{picture.format} {picture.mode} {picture.width}x{picture.height} {sorted(picture.info)}\n'.encode())
                out.write(picture.convert('RGB').tobytes())
        """;

    private static readonly Image[] Samples =
    [
        Pictures.Noise(1, 1, 1, 1), Pictures.Noise(1, 1, 3, 2), Pictures.Noise(1, 17, 1, 3), Pictures.Noise(19, 1, 3, 4),
        Pictures.Noise(7, 5, 1, 5), Pictures.Noise(13, 31, 3, 6), Pictures.Noise(300, 300, 3, 7), Pictures.Noise(301, 299, 1, 8),
        Pictures.Constant(64, 33, 1, 0), Pictures.Constant(33, 64, 3, 255), Pictures.Waves(200, 150, 1), Pictures.Waves(150, 200, 3),
    ];

    /// <summary>No pixel differs, a grey PNG is grey, and nothing but pixels is in the file.</summary>
    [TestCase("png", "PNG L", "PNG RGB", "[]")]
    [TestCase("webp", "WEBP RGB", "WEBP RGB", "['background', 'duration', 'loop', 'timestamp']")]
    public void PillowReadsExactly(string ending, string grey, string colour, string info)
    {
        foreach (var (image, head, pixels) in ReadByPillow(ending, Samples))
        {
            Assert.That(head, Does.StartWith($"{(image.Channels == 1 ? grey : colour)} {image.Width}x{image.Height} "));
            Assert.That(head, Does.EndWith(info));
            Assert.That(pixels.SequenceEqual(Pictures.Rgb(image)), Is.True, head);
        }
    }

    [Test]
    public void PillowReadsJpegWithinSomeLevels()
    {
        Image[] smooth = [Pictures.Waves(200, 150, 1), Pictures.Waves(150, 200, 3), Pictures.Constant(33, 64, 3, 255)];
        foreach (var (image, head, pixels) in ReadByPillow("JPG", smooth))
        {
            Assert.That(head, Does.StartWith($"JPEG {(image.Channels == 1 ? "L" : "RGB")} {image.Width}x{image.Height} "));
            int most = pixels.Zip(Pictures.Rgb(image)).Max(pair => Math.Abs(pair.First - pair.Second));
            TestContext.Out.WriteLine($"{head}: {most} levels");
            Assert.That(most, Is.LessThanOrEqualTo(12));
        }
    }

    /// <summary>A second opinion, which shares no code with Pillow's PNG.</summary>
    [Test]
    public void ImageMagickReadsWhatIsWritten()
    {
        string convert = ToolRequirement.Tool("convert");
        using var folder = new TemporaryFolder();
        foreach (string ending in (string[])["png", "gif", "webp"])
        {
            var image = ending == "gif" ? Pictures.Noise(31, 17, 1, 3) : Pictures.Noise(31, 17, 3, 3);
            ImageWriter.Write(folder[$"a.{ending}"], image);
            var result = Processes.Run(convert, folder[$"a.{ending}"], "-depth", "8", $"rgb:{folder[ending]}");
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            Assert.That(File.ReadAllBytes(folder[ending]), Is.EqualTo(Pictures.Rgb(image)), ending);
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void WhatIsWrittenIsReadBack(Image image)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(folder["a.png"], image);
        Pictures.AssertSame(Pictures.Read(folder["a.png"]), image);
    }

    [Test]
    public void SamePictureSameBytesAndSmoothOnesAreSmall()
    {
        using var folder = new TemporaryFolder();
        foreach (string ending in ImageWriter.Endings)
        {
            ImageWriter.Write(folder["a" + ending], Pictures.Waves(200, 200, 3));
            ImageWriter.Write(folder["b" + ending], Pictures.Waves(200, 200, 3));
            Assert.That(File.ReadAllBytes(folder["b" + ending]), Is.EqualTo(File.ReadAllBytes(folder["a" + ending])), ending);
        }
        Assert.That(new FileInfo(folder["a.png"]).Length, Is.LessThan(200 * 200 * 3 / 3));
    }

    [Test]
    public void WhatNoFileHoldsIsRefused()
    {
        Assert.Throws<ArgumentException>(() => ImageWriter.Write("a.tif", Pictures.Noise(1, 1, 1, 1)));
        ImageWriter.RequireRoom("a.PNG", 60_000, 1_000);
        Refused("a.gif", 65_536, 1, "a.gif would have 65,536x1 pixels, and a GIF has at most 65,535 each way");
        Refused("a.jpg", 1, 65_536, "a JPEG has at most 65,535 each way");
        Refused("a.webp", 16_384, 1, "a WebP has at most 16,383 each way");
        Refused("a.png", 100_000, 10_000, "a PNG has at most 67,108,864 in all");

        static void Refused(string path, long width, long height, string says)
        {
            var fault = Assert.Throws<GanException>(() => ImageWriter.RequireRoom(path, width, height))!;
            Assert.That(fault.Code, Is.EqualTo(ExitCode.Usage));
            Assert.That(fault.Message, Does.Contain(says).And.EndWith("Use fewer pictures or a smaller --zoom."));
        }
    }

    private static IEnumerable<(Image Image, string Head, byte[] Pixels)> ReadByPillow(string ending, Image[] images)
    {
        string python = ToolRequirement.Python("PIL");
        using var folder = new TemporaryFolder();
        string[] paths = [.. images.Select((_, i) => folder[$"{i}.{ending}"])];
        foreach (var (image, path) in images.Zip(paths))
            ImageWriter.Write(path, image);
        var result = Processes.Run(python, ["-c", PillowReads, .. paths]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var (image, path) in images.Zip(paths))
        {
            byte[] raw = File.ReadAllBytes(path + ".raw");
            int end = raw.AsSpan().IndexOf((byte)'\n');
            yield return (image, Encoding.ASCII.GetString(raw, 0, end), raw[(end + 1)..]);
        }
    }
}

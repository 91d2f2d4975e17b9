using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Pictures of the kinds that people have, as another program writes and reads them.</summary>
[Quick]
internal sealed class ImageFilesTests
{
    // argument 1 is a folder; beside each picture NAME lies NAME.rgb, what Pillow reads: turned as it says, on black
    private const string PillowWrites = """
        import glob, sys
        import numpy as np
        from PIL import Image, ImageOps
        folder = sys.argv[1] + '/'
        y, x = np.mgrid[0:48, 0:64]
        rgb = np.stack([x * 4, y * 5, (x + y) * 2], -1).astype(np.uint8)
        colour, grey = Image.fromarray(rgb), Image.fromarray((x * 4).astype(np.uint8))
        clear = Image.fromarray(np.concatenate([rgb, (y * 5)[..., None].astype(np.uint8)], -1), 'RGBA')
        colour.save(folder + 'rgb.png')
        grey.save(folder + 'grey.png')
        clear.save(folder + 'rgba.png')
        Image.fromarray(np.stack([x * 4, y * 5], -1).astype(np.uint8), 'LA').save(folder + 'la.png')
        Image.fromarray((x * 1000 + y).astype(np.uint16)).save(folder + 'grey16.png')
        colour.quantize(64).save(folder + 'palette.png')
        colour.quantize(16).save(folder + 'palette-clear.png', transparency=3)
        colour.convert('1').save(folder + 'one.png')
        colour.save(folder + 'colour.bmp')
        colour.quantize(16).save(folder + 'palette.bmp')
        colour.save(folder + 'lossless.webp', lossless=True)
        clear.save(folder + 'clear.webp', lossless=True)
        colour.save(folder + 'lossy.webp', quality=90)
        colour.save(folder + '444.jpg', quality=95, subsampling=0)
        colour.save(folder + '420.jpg', quality=90)
        colour.save(folder + 'progressive.jpg', quality=90, progressive=True, subsampling=0)
        grey.save(folder + 'grey.jpg')
        colour.convert('CMYK').save(folder + 'cmyk.jpg', quality=95)
        for turn in range(2, 9):
            exif = Image.Exif()
            exif[274] = turn
            colour.save(folder + f'turned{turn}.jpg', exif=exif, subsampling=0, quality=95)
        for file in sorted(glob.glob(folder + '*.*')):
            picture = ImageOps.exif_transpose(Image.open(file))
            if picture.mode.startswith('I'):
                picture = Image.fromarray(np.round(np.asarray(picture).astype(np.float64) / 257).astype(np.uint8))
            picture = picture.convert('RGBA')
            black = Image.new('RGBA', picture.size, (0, 0, 0, 255))
            values = np.asarray(picture).astype(np.float64)
            flat = np.round(values[..., :3] * values[..., 3:] / 255).astype(np.uint8)
            with open(file + '.rgb', 'wb') as out:
                out.write(np.array(flat.shape[:2], np.int32).tobytes() + flat.tobytes())
        """;

    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Write()
    {
        string python = ToolRequirement.Python("PIL");
        _folder = new TemporaryFolder();
        var result = Processes.Run(python, ["-c", PillowWrites, _folder.Path]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    [OneTimeTearDown]
    public void Remove() => _folder?.Dispose();

    /// <summary>Kinds without loss are equal; JPEG and WebP differ by what decoders are free to round.</summary>
    [TestCase("rgb.png", 0)]
    [TestCase("grey.png", 0)]
    [TestCase("rgba.png", 0, true)]
    [TestCase("la.png", 0, true)]
    [TestCase("grey16.png", 0)]
    [TestCase("palette.png", 0)]
    [TestCase("palette-clear.png", 0, true)]
    [TestCase("one.png", 0)]
    [TestCase("colour.bmp", 0)]
    [TestCase("palette.bmp", 0)]
    [TestCase("lossless.webp", 0)]
    [TestCase("clear.webp", 0, true)]
    [TestCase("lossy.webp", 3)]
    [TestCase("444.jpg", 3)]
    [TestCase("420.jpg", 8)]
    [TestCase("progressive.jpg", 3)]
    [TestCase("grey.jpg", 3)]
    [TestCase("cmyk.jpg", 3)]
    [TestCase("turned2.jpg", 3)]
    [TestCase("turned3.jpg", 3)]
    [TestCase("turned4.jpg", 3)]
    [TestCase("turned5.jpg", 3)]
    [TestCase("turned6.jpg", 3)]
    [TestCase("turned7.jpg", 3)]
    [TestCase("turned8.jpg", 3)]
    public void PixelsAreThoseThatPillowReads(string name, int levels, bool clear = false)
    {
        var (image, hadAlpha, _) = ImageFiles.Read(_folder[name]);
        byte[] want = File.ReadAllBytes(_folder[$"{name}.rgb"]);
        Assert.That((image.Height, image.Width), Is.EqualTo((BitConverter.ToInt32(want, 0), BitConverter.ToInt32(want, 4))));
        byte[] got = image.Pixels.ToArray();
        if (image.Channels == 1)
            got = [.. got.SelectMany(grey => new[] { grey, grey, grey })];
        int most = got.Zip(want.Skip(8)).Max(pair => Math.Abs(pair.First - pair.Second));
        TestContext.Out.WriteLine($"{name}: {most}");
        Assert.That(most, Is.LessThanOrEqualTo(levels));
        Assert.That(hadAlpha, Is.EqualTo(clear));
        Assert.That(image.Channels, Is.EqualTo(Path.GetFileNameWithoutExtension(name) is "grey" or "la" or "grey16" or "one" ? 1 : 3));
    }

    /// <summary>All of them are one data set, and it is said of how many parts are lost to black.</summary>
    [Test]
    public void AllKindsAreADataSet()
    {
        var (images, _, warnings) = Datasets.Open(new DatasetRequest(_folder.Path));
        Assert.That((images.Count, images.Shape.Channels), Is.EqualTo((Directory.GetFiles(_folder.Path, "*.rgb").Length, 3)));
        Assert.That(warnings.Single(), Does.StartWith($"4 of the {images.Count} pictures in ").And.Contain("have transparent parts"));
    }

    /// <summary>A file's contents decide, not its name.</summary>
    [Test]
    public void TheEndingDoesNotMatter()
    {
        using var elsewhere = new TemporaryFolder();
        File.Copy(_folder["444.jpg"], elsewhere["jpeg-inside.png"]);
        Pictures.AssertSame(ImageFiles.Read(elsewhere["jpeg-inside.png"]).Image, ImageFiles.Read(_folder["444.jpg"]).Image);
    }

    [TestCase("", "is empty")]
    [TestCase("GIF89a", "is a GIF, which is not read; save it as PNG or JPEG")]
    [TestCase("II*\0", "is a TIFF, which is not read")]
    [TestCase("\0\0\0\u0018ftypheic", "is a HEIC picture, as phones take them, which is not read")]
    [TestCase("\0\0\0\u0018ftypavif", "is an AVIF picture")]
    [TestCase("\0\0\0\u0018ftypmp42", "is a film")]
    [TestCase("<?xml version='1.0'?><svg/>", "is text, such as SVG")]
    [TestCase("a sentence that is no picture", "is no picture of a kind that is read: PNG, JPEG, BMP or WebP")]
    public void OtherFilesAreNamed(string contents, string says)
    {
        using var stream = new MemoryStream([.. contents.Select(letter => (byte)letter)]);
        Refused(stream, says);
    }

    /// <summary>A header's claim is refused before anything is decoded.</summary>
    [Test]
    public void TooLargeAPictureIsRefusedByItsHeader()
    {
        byte[] jpeg = File.ReadAllBytes(_folder["444.jpg"]);
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7], jpeg[frame + 8]) = (0xFC, 0x0F, 0x1B, 0x02);
        Refused(new MemoryStream(jpeg), "says that it has 6,914x64,527 pixels, and at most 67,108,864 are read");
        (jpeg[frame + 5], jpeg[frame + 7]) = (0x1C, 0x1C);
        Refused(new MemoryStream(jpeg), $"says that it has 7,170x7,183 pixels, more than {jpeg.Length:N0} bytes of a picture hold");
    }

    [TestCase("rgb.png")]
    [TestCase("444.jpg")]
    [TestCase("palette.bmp")]
    [TestCase("lossless.webp")]
    public void AFileThatIsCutShortIsNoPicture(string name)
    {
        byte[] whole = File.ReadAllBytes(_folder[name]);
        foreach (int length in new[] { whole.Length / 2, whole.Length * 9 / 10, whole.Length - 2 })
        {
            var fault = Assert.Throws<GanException>(() => ImageFiles.Read(new MemoryStream(whole[..length]), "half"), $"{length}")!;
            Assert.That(fault.Message, Does.StartWith("half is "));
        }
        byte[] more = [.. whole, .. new byte[100]]; // as some cameras append
        Assert.That(ImageFiles.Read(new MemoryStream(more), "more").Image.Width, Is.EqualTo(64));
    }

    private static void Refused(Stream stream, string says)
    {
        var fault = Assert.Throws<GanException>(() => ImageFiles.Read(stream, "a/b.png"))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(fault.Message, Does.StartWith("a/b.png ").And.Contain(says));
    }
}

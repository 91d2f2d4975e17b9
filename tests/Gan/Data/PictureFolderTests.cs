using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Folders of pictures, and the square that is cut out of each.</summary>
[Quick]
public sealed class PictureFolderTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void MostlyGreyIsGreyInTheOrderOfNames()
    {
        Put("b.png", Flat(56, 28, 1, 20));
        Put("a.PNG", Flat(40, 70, 3, 10));
        Put("Z.png", Flat(28, 28, 3, 200, 100, 50));
        Put("c.png", Flat(5, 9, 3, 100, 0, 0));
        var (images, _, warnings) = Datasets.Open(new DatasetRequest(_folder.Path));
        Assert.That((images.Name, images.Count, images.Shape), Is.EqualTo(("pictures", 4, Square(28))));
        // 0.299·200 + 0.587·100 + 0.114·50 = 124.2; 0.299·100 = 29.9
        Assert.That(Enumerable.Range(0, 4).Select(i => images.Pixels[(i * 784) + 300]), Is.EqualTo(new byte[] { 124, 10, 20, 30 }));
        Assert.That(warnings, Is.Empty);
        Assert.That(images.Where, Is.EqualTo(_folder.Path));
    }

    [Test]
    public void MostlyColourIsColour()
    {
        Put("a.png", Flat(64, 64, 3, 1, 2, 3));
        Put("b.png", Flat(10, 90, 3, 4, 5, 6));
        Put("c.png", Flat(33, 33, 1, 7));
        var images = Datasets.Open(new DatasetRequest(_folder.Path)).Images;
        Assert.That((images.Count, images.Shape), Is.EqualTo((3, Square(32, channels: 3))));
        Assert.That(
            images.Pixels[..3].Concat(images.Pixels[3072..][..3]).Concat(images.Pixels[^3..]),
            Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 7, 7 }));
    }

    [Test]
    public void FilesOfNoUse()
    {
        Put("good.png", Flat(28, 28, 1, 9));
        for (int i = 0; i < 12; i++)
            _folder.File($"bad{i:00}.{(i == 11 ? "jpg" : "png")}", [1, 2, 3]);
        string fault = Refused(_folder.Path);
        Assert.That(fault, Does.Contain("12 of the 13 pictures in").And.Contain("--skip-bad-files").And.Contain("\n  bad00.png is no "));
        Assert.That(fault, Does.Contain("bad09.png").And.Not.Contain("bad10").And.EndWith("and 2 more; -v lists them all."));
        var all = new DatasetRequest(_folder.Path) { ListsAll = true };
        var lines = Assert.Throws<GanException>(() => Datasets.Open(all))!.Lines;
        Assert.That(lines, Has.Count.EqualTo(12).And.Some.StartsWith("bad11.jpg is"));
        var skipping = new DatasetRequest(_folder.Path) { SkipBadFiles = true };
        var (images, _, warnings) = Datasets.Open(skipping);
        Assert.That(images.Count, Is.EqualTo(1));
        Assert.That(warnings.Single(), Does.Contain("12 of the 13").And.Contain("--skip-bad-files").And.Contain("bad00.png"));
        File.Delete(Path.Combine(_folder.Path, "good.png"));
        Assert.That(
            () => Datasets.Open(skipping),
            Throws.TypeOf<GanException>().With.Message.Contains("12 of the 12 pictures"));
    }

    [Test]
    public void AFolderWithoutPictures()
    {
        _folder.File("notes.txt", [1]);
        Assert.That(Refused(_folder.Path), Does.Contain("holds no pictures"));
    }

    [Test]
    public void ShrinkingAveragesTheAreaOfTheCentralSquare()
    {
        // six columns of which the middle four count, two to a pixel
        byte[] row = [99, 10, 20, 30, 50, 99];
        var wide = new Image(6, 4, 1, [.. Enumerable.Repeat(row, 4).SelectMany(r => r)]);
        Assert.That(CentreCrop.Resize(wide, Square(2)), Is.EqualTo(new byte[] { 15, 40, 15, 40 }));
        // three into two: a pixel and a half each, (0 + 60/2) / 1.5 and (60/2 + 90) / 1.5
        var odd = new Image(3, 3, 1, [0, 60, 90, 0, 60, 90, 0, 60, 90]);
        Assert.That(CentreCrop.Resize(odd, Square(2)), Is.EqualTo(new byte[] { 20, 80, 20, 80 }));
    }

    [Test]
    public void GrowingInterpolates()
    {
        var small = new Image(2, 2, 1, [0, 100, 0, 100]);
        Assert.That(CentreCrop.Resize(small, Square(4))[..4], Is.EqualTo(new byte[] { 0, 25, 75, 100 }));
        Assert.That(CentreCrop.Resize(new Image(1, 1, 1, [8]), Square(2, channels: 3)), Is.EqualTo(Enumerable.Repeat((byte)8, 12)));
        byte[] same = [.. Enumerable.Range(0, 784).Select(i => (byte)(i * 5))];
        Assert.That(CentreCrop.Resize(new Image(28, 28, 1, same), Square(28)), Is.EqualTo(same));
    }

    private static PictureShape Square(int size, int channels = 1) => new(size, size, channels);

    /// <summary>A PNG file of one colour.</summary>
    internal static byte[] Flat(int width, int height, int channels, params byte[] colour)
    {
        var pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = colour[i % channels % colour.Length];
        return Pictures.Png(new Image(width, height, channels, pixels));
    }

    private void Put(string name, byte[] png) => _folder.File(name, png);

    private static string Refused(string folder)
    {
        var fault = Assert.Throws<GanException>(() => Datasets.Open(new DatasetRequest(folder)))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        return string.Concat(fault.Lines.Select(line => $"\n  {line}").Prepend(fault.Message));
    }
}

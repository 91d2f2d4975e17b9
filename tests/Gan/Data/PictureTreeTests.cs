using System.IO.Compression;
using System.Text;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Folders with subfolders, zip archives of the same, and what lies about in them.</summary>
[Quick]
public sealed class PictureTreeTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void SubfoldersAreClasses()
    {
        Put("b/1.png", 10);
        Put("a/2.png", 20);
        Put("a/1.png", 30);
        Put("a-b/1.png", 40);
        var opened = Open();
        var images = opened.Images;
        // ordinal: '-' comes before '/'
        Assert.That(Grey(images), Is.EqualTo(new[] { 40, 30, 20, 10 }));
        Assert.That(images.Classes, Is.EqualTo(new[] { "a", "a-b", "b" }));
        Assert.That(images.Labels, Is.EqualTo(new[] { 1, 0, 0, 2 }));
        Assert.That(opened.Description, Does.EndWith("in 3 classes: a 2, a-b 1, b 1."));
        Assert.That(opened.Warnings, Is.Empty);
    }

    [TestCase("")]
    [TestCase("top/")]
    [TestCase("one/two/")]
    public void AnArchiveOfTheSameIsTheSame(string within)
    {
        Put($"{within}cats/1.png", 10);
        Put($"{within}cats/.hidden.png", 11);
        Put($"{within}dogs/Ä.png", 20);
        Put($"{within}dogs/z.png", 30);
        _folder.File($"{within}cats/Thumbs.db", [1]);
        _folder.File($"{within}notes.txt", [.. "BM of no picture"u8]);
        string zip = Path.Combine(Path.GetDirectoryName(_folder.Path)!, $"{Path.GetFileName(_folder.Path)}.zip");
        try
        {
            ZipFile.CreateFromDirectory(_folder.Path, zip);
            var (folder, archive) = (Open(), Open(zip));
            Assert.That(archive.Images.Pixels, Is.EqualTo(folder.Images.Pixels));
            Assert.That(archive.Images.Labels, Is.EqualTo(folder.Images.Labels).And.EqualTo(new[] { 0, 1, 1 }));
            Assert.That(archive.Images.Classes, Is.EqualTo(folder.Images.Classes).And.EqualTo(new[] { "cats", "dogs" }));
            Assert.That(Grey(archive.Images), Is.EqualTo(new[] { 10, 30, 20 }));
            foreach (var opened in new[] { folder, archive })
                Assert.That(opened.Description, Does.Contain("Passed over: ").And.Contain(".hidden.png").And.Contain("Thumbs.db")
                    .And.Contain("notes.txt"));
        }
        finally
        {
            File.Delete(zip);
        }
    }

    [Test]
    public void MixedAndDeeperIsSaid()
    {
        Put("1.png", 10);
        Put("below/2.png", 20);
        var mixed = Open();
        Assert.That(Grey(mixed.Images), Is.EqualTo(new[] { 10 }));
        Assert.That(mixed.Images.Labels, Is.Null);
        Assert.That(mixed.Warnings.Single(), Is.EqualTo(
            "Pictures lie beside subfolders, which are left out: below. For classes, put every picture into a subfolder."));

        File.Delete(Path.Combine(_folder.Path, "1.png"));
        Put("other/3.png", 30);
        Put("other/deep/4.png", 40);
        var deep = Open();
        Assert.That(deep.Images.Classes, Is.EqualTo(new[] { "below", "other" }));
        Assert.That(deep.Warnings.Single(), Is.EqualTo("Folders within a class's folder are left out: other/deep."));

        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        Assert.That(Open().Description, Does.Contain("Passed over: empty (a folder without pictures)."));
    }

    /// <summary>One folder of pictures within another: no class, for there is nothing to tell apart.</summary>
    [Test]
    public void OneSubfolderIsNoClass()
    {
        Put("a/1.png", 10);
        var images = Open().Images;
        Assert.That((images.Count, images.Labels, images.Classes), Is.EqualTo((1, (byte[]?)null, (string[]?)null)));
    }

    /// <summary>A file's content decides: a picture without an ending counts, a text without one doesn't.</summary>
    [Test]
    public void ContentDecides()
    {
        Put("IMG_0001", 10);
        Put("photo.dat", 20);
        _folder.File("readme", [.. "text"u8]);
        var opened = Open();
        Assert.That(Grey(opened.Images), Is.EqualTo(new[] { 10, 20 }));
        Assert.That(opened.Description, Does.EndWith("Passed over: readme."));
    }

    [Test]
    public void MoreClassesThanLabelsTellApart()
    {
        for (int i = 0; i < 257; i++)
            Put($"person{i:000}/1.png", (byte)(i % 200));
        var opened = Open();
        Assert.That((opened.Images.Count, opened.Images.Labels), Is.EqualTo((257, (byte[]?)null)));
        Assert.That(opened.Warnings.Single(), Does.StartWith("257 subfolders are more than 256 classes"));
        Directory.Delete(Path.Combine(_folder.Path, "person256"), true);
        Assert.That(Open().Images.Labels![^1], Is.EqualTo(255));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void LinksAndWhatIsNoFile()
    {
        using var elsewhere = new TestFolder();
        elsewhere.File("far/1.png", PictureFolderTests.Flat(8, 8, 1, 50));
        Put("a/1.png", 10);
        Link("a/2.png", "1.png");
        Link("b", Path.Combine(elsewhere.Path, "far"));
        Link("a/loop.png", "loop.png");
        Link("again", ".");
        Link("up", "..");
        Assert.That(Processes.Run("mkfifo", Path.Combine(_folder.Path, "a", "pipe")).ExitCode, Is.Zero);
        var opened = Open();
        Assert.That(Grey(opened.Images), Is.EqualTo(new[] { 10, 10, 50 }));
        Assert.That(opened.Images.Classes, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(opened.Description, Does.Contain("again (a link to a folder that it lies in)").And.Contain("up (a link to a folder")
            .And.Contain("a/loop.png (a link to nowhere)").And.Contain("a/pipe"));

        // a pipe with a picture's ending isn't waited for
        Assert.That(Processes.Run("mkfifo", Path.Combine(_folder.Path, "a", "pipe.png")).ExitCode, Is.Zero);
        Assert.That(Unusable(_folder.Path), Is.EqualTo("a/pipe.png is empty."));

        using var circle = new TestFolder();
        File.CreateSymbolicLink(Path.Combine(circle.Path, "x"), ".");
        Assert.That(() => Open(circle.Path), Throws.TypeOf<GanException>().With.Message.Contains("holds no pictures"));
    }

    [Test]
    public void ArchivesOfNoUse()
    {
        byte[] picture = PictureFolderTests.Flat(8, 8, 1, 10);
        string zip = _folder.File("a.zip", Zip(
            ("ok.png", picture), ("../up.png", picture), ("/root.png", picture), ("x/../y.png", picture), ("ok.png", picture),
            ("a\\b.png", picture)));
        var opened = Open(zip);
        Assert.That(opened.Images.Count, Is.EqualTo(1));
        Assert.That(opened.Description, Does.Contain("../up.png (a name that leads out of the archive)")
            .And.Contain("/root.png (a name").And.Contain("x/../y.png (a name").And.Contain("ok.png (a second file of that name)"));
        Assert.That(opened.Warnings.Single(), Does.Contain("beside subfolders, which are left out: a."));

        zip = _folder.File("b.zip", Zip(("a\u001b[2J.png", [1, 2, 3]), ("link.png", picture)));
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Update))
            archive.GetEntry("link.png")!.ExternalAttributes = unchecked((int)0xA1FF0000);
        Assert.That(Unusable(zip), Does.StartWith("a\uFFFD[2J.png is no picture"), "and the link is passed over");

        _folder.File("c.zip", [.. "PK\u0003\u0004 and nothing else"u8]);
        Assert.That(
            () => Open(Path.Combine(_folder.Path, "c.zip")),
            Throws.TypeOf<GanException>().With.Message.Contains("is no zip archive, damaged or cut short. Get the file again"));
        _folder.File("d.zip", [.. "a text"u8]);
        Assert.That(
            () => Open(Path.Combine(_folder.Path, "d.zip")),
            Throws.TypeOf<GanException>().With.Message.Contains("d.zip' is no archive. Name a folder"));
    }

    /// <summary>A picture that the archive packed well, of which one byte is another now.</summary>
    [Test]
    public void AnArchivesChecksumCounts()
    {
        byte[] picture = PictureFolderTests.Flat(8, 8, 1, 10), zip = Zip(("a.bmp", picture));
        int at = zip.AsSpan().IndexOf(picture.AsSpan(^8));
        zip[at] ^= 1;
        Assert.That(Unusable(_folder.File("a.zip", zip)), Does.StartWith("a.bmp is damaged in the archive"));
    }

    /// <summary>As some programs pack a folder: every name begins with the folder itself.</summary>
    [Test]
    public void TheArchivesOwnFolder()
    {
        byte[] picture = PictureFolderTests.Flat(8, 8, 1, 10);
        var opened = Open(_folder.File("a.zip", Zip(("./", []), ("./a/1.png", picture), ("./b/1.png", picture))));
        Assert.That(opened.Images.Classes, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(opened.Description, Does.Not.Contain("Passed over"));
        Assert.That(
            () => Open(_folder.File("b.zip", Zip())), Throws.TypeOf<GanException>().With.Message.Contains("b.zip holds no pictures"));
        Assert.That(
            () => Open(_folder.File("c.zip", Zip(("a/", []), ("b/", [])))),
            Throws.TypeOf<GanException>().With.Message.Contains("Passed over: a (a folder without pictures), b (a folder"));
    }

    /// <summary>Reading ends with what stopped it, whatever thread it was in.</summary>
    [Test]
    public void WhatEndsReading()
    {
        for (int i = 0; i < 50; i++)
            Put($"{i}.png", 10);
        var full = new DatasetRequest(_folder.Path) { Reading = new Full() };
        Assert.That(() => Datasets.Open(full), Throws.TypeOf<IOException>());
        using var stop = new CancellationTokenSource();
        var stopped = new DatasetRequest(_folder.Path) { Reading = new Stopper(stop), Cancel = stop.Token };
        Assert.That(() => Datasets.Open(stopped), Throws.InstanceOf<OperationCanceledException>());
    }

    private string Unusable(string path)
    {
        var fault = Assert.Throws<GanException>(() => Open(path))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        return fault.Lines.Single();
    }

    private sealed class Full : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => throw new IOException("no space");
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => stop.Cancel();
    }

    private OpenedDataset Open(string? path = null) => Datasets.Open(new DatasetRequest(path ?? _folder.Path));

    private void Put(string name, byte grey) => _folder.File(name, PictureFolderTests.Flat(8, 8, 1, grey));

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(_folder.Path, name), target);

    private static int[] Grey(ImageSet images) => [.. Enumerable.Range(0, images.Count).Select(i => (int)images.Bytes[i][0])];

    /// <summary>An archive without compression.</summary>
    internal static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }
}

using System.Runtime.Versioning;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Decoded pictures that are kept for the next start, and archives of them that are taken along.</summary>
public sealed class KeptPicturesTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TestFolder();
        // noise: enough bytes to be worth keeping
        for (int i = 0; i < 4; i++)
            _folder.File($"own/{(i < 2 ? "a" : "b")}/{i}.png", Pictures.Png(Pictures.Noise(700, 700, 3, i)));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void TheSecondStartReadsNoPicture()
    {
        _folder.File("own/b/bad.jpg", [1, 2, 3]);
        var asked = Request() with { SkipBadFiles = true };
        var first = Open(asked, out int read);
        Assert.That(read, Is.EqualTo(5));
        var second = Open(asked, out read);
        Assert.That(read, Is.Zero);
        Assert.That(second.Images.Pixels, Is.EqualTo(first.Images.Pixels));
        Assert.That(second.Images.Labels, Is.EqualTo(first.Images.Labels));
        Assert.That(second.Images.Classes, Is.EqualTo(first.Images.Classes));
        Assert.That(second.Images.Where, Is.EqualTo(first.Images.Where));
        Assert.That(second.Description, Is.EqualTo(first.Description));
        Assert.That(second.Warnings, Is.EqualTo(first.Warnings).And.Some.Contains("bad.jpg"));
    }

    /// <summary>Whatever decides the pictures: another option, a file more, fewer, of another size or time.</summary>
    [Test]
    public void OtherPicturesAreReadAnew()
    {
        Open(Request(), out _);
        foreach (var other in new[]
        {
            new PictureRequest { Resolution = 48 }, new PictureRequest { Channels = "1" },
            new PictureRequest { Background = Background.White },
        })
        {
            var set = Open(Request() with { Pictures = other }, out int read);
            Assert.That(read, Is.EqualTo(4), $"{other}");
            Assert.That(set.Images.Shape, Is.EqualTo(other.ShapeOfFiles(isColour: true)));
        }
        string file = Path.Combine(_folder.Path, "own", "a", "0.png");
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddTicks(10));
        Open(Request(), out int touched);
        Assert.That(touched, Is.EqualTo(4));
        File.Move(file, Path.Combine(_folder.Path, "own", "b", "0.png"));
        Open(Request(), out int moved);
        Assert.That(moved, Is.EqualTo(4));
    }

    [Test]
    public void ADamagedOneIsReadAnew()
    {
        var first = Open(Request(), out _);
        string kept = Directory.GetFiles(Path.Combine(_folder.Path, "cache", "pictures")).Single();
        byte[] bytes = File.ReadAllBytes(kept);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(kept, bytes);
        var second = Open(Request(), out int read);
        Assert.That(read, Is.EqualTo(4));
        Assert.That(second.Images.Pixels, Is.EqualTo(first.Images.Pixels));
        Open(Request(), out read);
        Assert.That(read, Is.Zero, "it is mended");
    }

    /// <summary>Who is to write nothing reads what was kept.</summary>
    [Test]
    public void ADryRunKeepsNothing()
    {
        var dry = Request() with { KeepsDecoded = false };
        Open(dry, out _);
        Assert.That(Directory.Exists(Path.Combine(_folder.Path, "cache")), Is.False);
        Open(Request(), out _);
        Open(dry, out int read);
        Assert.That(read, Is.Zero);
    }

    /// <summary>A file that can't be read for now is read when it can be, though it looks the same.</summary>
    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void WhatCantBeReadTodayIsNotKept()
    {
        string file = _folder.File("own/b/locked.png", PictureFolderTests.Flat(8, 8, 1, 10));
        File.SetUnixFileMode(file, UnixFileMode.None);
        var asked = Request() with { SkipBadFiles = true };
        var first = Open(asked, out _);
        bool canReadAnything = first.Images.Count == 5; // the system's administrator
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.That(Open(asked, out int read).Images.Count, Is.EqualTo(5));
        Assert.That(read, Is.EqualTo(canReadAnything ? 0 : 5));
    }

    /// <summary>Many and long sentences about pictures that were skipped.</summary>
    [Test]
    public void ManyFaultsAreKept()
    {
        var images = Open(Request(), out _).Images;
        string pack = Path.Combine(_folder.Path, "pack.npz");
        string[] faults = [.. Enumerable.Range(0, 50_000).Select(i => $"{new string('ä', i == 0 ? 2000 : 200)}{i}.png is damaged.")];
        new KeptSet(images, [], faults).Write(pack);
        Assert.That(KeptSet.Read(pack, "here").Faults, Is.EqualTo(faults));
    }

    [Test]
    public void SmallFoldersAreNotKept()
    {
        _folder.File("few/1.png", PictureFolderTests.Flat(8, 8, 1, 10));
        Open(Request() with { Name = Path.Combine(_folder.Path, "few") }, out _);
        Assert.That(Directory.Exists(Path.Combine(_folder.Path, "cache")), Is.False);
    }

    /// <summary>A set that is written and opened elsewhere has the same pictures, and so the same digest.</summary>
    [Test]
    public void APackIsTheSameSet()
    {
        var images = Open(Request(), out _).Images;
        string pack = Path.Combine(_folder.Path, "pack.npz");
        new KeptSet(images, ["a note"], []).Write(pack);
        var opened = Datasets.Open(new DatasetRequest(pack));
        Assert.That(opened.Images.Sha256, Is.EqualTo(images.Sha256));
        Assert.That((opened.Images.Name, opened.Images.Shape, opened.Images.Where), Is.EqualTo((images.Name, images.Shape, pack)));
        Assert.That(opened.Images.Labels, Is.EqualTo(images.Labels));
        Assert.That(opened.Images.Classes, Is.EqualTo(images.Classes));
        Assert.That(opened.Warnings, Is.EqualTo(new[] { "a note" }));
    }

    /// <summary>Arrays that NumPy's users make: labels without names, labels without a class, no pictures at all.</summary>
    [Test]
    public void ArraysOfOthers()
    {
        string path = Path.Combine(_folder.Path, "a.npz");
        var set = new NpzPictures(new PictureShape(4, 6, 1), new byte[72], [2, 0, 2]);
        Write(set);
        var images = Datasets.Open(new DatasetRequest(path)).Images;
        Assert.That(images.Classes, Is.EqualTo(new[] { "0", "1", "2" }));
        Assert.That(images.Shape, Is.EqualTo(new PictureShape(4, 4, 1)), "cropped to a square, as all pictures are");
        Write(set with { Classes = ["cat", "dog"] });
        Assert.That(
            () => Datasets.Open(new DatasetRequest(path)),
            Throws.TypeOf<GanException>().With.Message.EqualTo($"{path} can't be used: it has the label 2 and only 2 names of classes."));

        Write(set with { Classes = [.. Enumerable.Range(0, 257).Select(i => $"{i}")] });
        Assert.That(() => Datasets.Open(new DatasetRequest(path)), Throws.TypeOf<GanException>().With.Message.Contains("257 classes"));
        File.WriteAllBytes(path, PictureTreeTests.Zip(("data.npy", [1, 2, 3])));
        Assert.That(
            () => Datasets.Open(new DatasetRequest(path)),
            Throws.TypeOf<GanException>().With.Message.Contains("numpy.savez(file, images=...)"));

        void Write(NpzPictures pictures)
        {
            using var stream = File.Create(path);
            NpzFile.Write(stream, pictures, System.IO.Compression.CompressionLevel.Fastest);
        }
    }

    private DatasetRequest Request() => new(Path.Combine(_folder.Path, "own"))
    {
        SearchPath = new SearchPath(null, Path.Combine(_folder.Path, "cache")),
    };

    private static OpenedDataset Open(DatasetRequest request, out int read)
    {
        var counter = new Counter();
        var opened = Datasets.Open(request with { Reading = counter });
        read = counter.Read;
        return opened;
    }

    private sealed class Counter : IProgress<ReadingProgress>
    {
        private int _read;

        public int Read => _read;

        public void Report(ReadingProgress value) => Interlocked.Increment(ref _read);
    }
}

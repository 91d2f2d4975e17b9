using System.IO.Compression;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Reading NumPy's archives: those of this program, of NumPy itself, and those that lie.</summary>
[Quick]
public sealed class NpzFileTests
{
    private static readonly PictureShape Grey = new(2, 3, 1), Colour = new(2, 3, 3);
    private static readonly byte[] Pixels = [.. Enumerable.Range(0, 5 * 18).Select(i => (byte)(i * 11))];
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void WhatThisProgramWrites()
    {
        string path = Path.Combine(_folder.Path, "a.npz");
        using (var stream = File.Create(path))
            NpzFile.Write(stream, new NpzPictures(Colour, Pixels), CompressionLevel.Fastest);
        Assert.That(Read(path, Colour, 100), Is.EqualTo(Pixels));
    }

    /// <summary>More than are asked for: those that a subset of all of them has.</summary>
    [Test]
    public void TheRestIsDrawnFromToo()
    {
        var shape = new PictureShape(1, 1, 1);
        byte[] all = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        string path = Path.Combine(_folder.Path, "a.npz");
        using (var stream = File.Create(path))
            NpzFile.Write(stream, new NpzPictures(shape, all), CompressionLevel.NoCompression);
        byte[] some = Read(path, shape, 60);
        Assert.That(some, Is.EqualTo(new ImageBytes(shape, all).Subsample(60, SeedStream.Subsets.Of(1)).Pixels.ToArray()));
        Assert.That(some.Distinct().Count(), Is.EqualTo(60));
        Assert.That(some.Max(), Is.GreaterThan(150), "the end of the file, too");
    }

    [Test]
    public void LabelsAndTextsComeBack()
    {
        string python = ToolRequirement.Python("numpy"), path = Path.Combine(_folder.Path, "a.npz");
        var set = new NpzPictures(Grey, Pixels[..30], [0, 1, 1, 0, 1], ["Katze", "žirafa \U0001F992"])
        {
            Notes = ["a note", ""],
            Faults = ["one"],
        };
        using (var stream = File.Create(path))
            NpzFile.Write(stream, set, CompressionLevel.NoCompression);
        var back = NpzFile.Read(path);
        Assert.That((back.Shape, back.Count), Is.EqualTo((Grey, 5)));
        Assert.That(back.Pixels, Is.EqualTo(set.Pixels));
        Assert.That(back.Labels, Is.EqualTo(set.Labels));
        Assert.That(back.Classes, Is.EqualTo(set.Classes));
        Assert.That(back.Notes, Is.EqualTo(set.Notes));
        Assert.That(back.Faults, Is.EqualTo(set.Faults));
        var result = Processes.Run(
            python, "-X", "utf8", "-c",
            "import sys, numpy as np; a = np.load(sys.argv[1]); "
                + "print(a['labels'].tolist(), a['classes'].tolist(), a['images'].shape)", path);
        Assert.That(result.Output.Trim(), Is.EqualTo("[0, 1, 1, 0, 1] ['Katze', 'žirafa \U0001F992'] (5, 2, 3)"), result.Error);
    }

    [TestCase("np.savez(f, other=np.zeros(3), images=a)")]
    [TestCase("np.savez_compressed(f, images=a)")]
    [TestCase("np.savez(f, images=a[..., None])")]
    [TestCase(
        "z = zipfile.ZipFile(f, 'w'); s = z.open('images.npy', 'w'); np.lib.format.write_array(s, a, version=(2, 0)); s.close(); "
            + "z.close()")]
    public void WhatNumPyWrites(string how)
    {
        string python = ToolRequirement.Python("numpy"), path = Path.Combine(_folder.Path, "a.npz");
        var result = Processes.Run(
            python, "-c",
            $"import sys, zipfile, numpy as np; f = sys.argv[1]; a = (np.arange(30) * 7).astype(np.uint8).reshape(5, 2, 3); {how}", path);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Read(path, Grey, 5), Is.EqualTo(Enumerable.Range(0, 30).Select(i => (byte)(i * 7))));
    }

    [TestCase("<f4", "False", "(5, 2, 3)", "<f4")]
    [TestCase("|u1", "True", "(5, 2, 3)", "Fortran")]
    [TestCase("|u1", "False", "(5, 3, 2)", "is [5,3,2]", "[n,2,3]")]
    [TestCase("|u1", "False", "(5, 2, 3, 3)", "is [5,2,3,3]", "[n,2,3]")]
    [TestCase("|u1", "False", "(30,)", "is [30]", "[n,2,3]")]
    [TestCase("|u1", "False", "()", "is []", "[n,2,3]")]
    [TestCase("|u1", "False", "(0, 2, 3)", "is [0,2,3]", "[n,2,3]")]
    [TestCase("|u1", "False", "(6, 2, 3)", "[6,2,3]")]
    [TestCase("|u1", "False", "(2000000000, 2, 3)", "[2000000000,2,3]")]
    [TestCase("|u1", "False", "(99999999999, 2, 3)", "99999999999")]
    [TestCase("|u1", "Maybe", "(5, 2, 3)", "is not what NumPy writes")]
    [TestCase("|u1", "False", "(-5, 2, 3)", "is not what NumPy writes")]
    public void HeadersOfNoUse(string type, string fortran, string shape, params string[] facts) =>
        Refused(Archive(Array($"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': {shape}, }}", 30)), facts);

    [Test]
    public void FilesOfNoUse()
    {
        byte[] array = Array("{'descr': '|u1', 'fortran_order': False, 'shape': (5, 2, 3), }", 30);
        Refused(Archive(array));
        Refused(Archive(array, "pictures.npy"), "`images`", "`pictures.npy`", "numpy.savez(file, images=...)");
        Refused([1, 2, 3], "ZIP");
        Refused(Archive(array)[..^30], "cut short");
        Refused(Archive([.. "no array at all"u8]), "NumPy");
        Refused(Archive(array[..7]), "cut short");
        Refused(Archive([.. array[..8], 255, 255, .. array[10..]]), "65,535");
        byte[] flipped = Archive(array);
        int at = flipped.AsSpan().IndexOf(array.AsSpan(^30));
        flipped[at + 3] ^= 1;
        Refused(flipped, "checksum");
        Assert.That(
            () => Read(Path.Combine(_folder.Path, "none.npz"), Grey, 10),
            Throws.TypeOf<GanException>().With.Message.Contains("none.npz can't be read"));
    }

    private static byte[] Read(string path, PictureShape shape, int max) =>
        NpzFile.Read(path, shape, max, SeedStream.Subsets.Of(1)).Pictures.Pixels.ToArray();

    private void Refused(byte[] file, params string[] facts)
    {
        string path = _folder.File("a.npz", file);
        if (facts.Length == 0)
        {
            Assert.That(Read(path, Grey, 10), Has.Length.EqualTo(30));
            return;
        }
        var fault = Assert.Throws<GanException>(() => Read(path, Grey, 10))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        foreach (string fact in facts.Prepend(path))
            Assert.That(fault.Message, Does.Contain(fact));
    }

    private static byte[] Array(string header, int values) =>
    [
        0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header),
        .. Enumerable.Range(0, values).Select(i => (byte)(200 + i))
    ];

    private static byte[] Archive(byte[] array, string name = "images.npy")
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(array);
        }
        return bytes.ToArray();
    }
}

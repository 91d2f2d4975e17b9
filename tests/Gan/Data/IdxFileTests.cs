using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public sealed class IdxFileTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("pictures", false)]
    [TestCase("pictures.idx3-ubyte.gz", true)]
    [TestCase("PICTURES.GZ", true)]
    public void ReadsPictures(string name, bool gzip)
    {
        var read = IdxFile.ReadImages(_folder.File(name, gzip ? FakeMnist.Gzip(FakeMnist.Images) : FakeMnist.Images));
        Assert.Multiple(() =>
        {
            Assert.That(read.Dimensions, Is.EqualTo(new[] { 7, 28, 28 }));
            Assert.That(read.Values, Is.EqualTo(FakeMnist.Images[16..]));
            Assert.That(read.Sha256, Is.EqualTo(FakeMnist.Hash(FakeMnist.Images)));
        });
    }

    [Test]
    public void ReadsLabels([Values] bool gzip)
    {
        var read = IdxFile.ReadLabels(_folder.File(gzip ? "l.gz" : "l", gzip ? FakeMnist.Gzip(FakeMnist.Labels) : FakeMnist.Labels));
        Assert.That(read.Dimensions, Is.EqualTo(new[] { 7 }));
        Assert.That(read.Values, Is.EqualTo(new byte[] { 9, 8, 7, 6, 5, 4, 3 }));
        Assert.That(read.Sha256, Is.EqualTo(FakeMnist.Hash(FakeMnist.Labels)));
    }

    [Test]
    public void ConcatenatedGzipMembersAreOneFile()
    {
        byte[] packed = [.. FakeMnist.Gzip(FakeMnist.Images[..1000]), .. FakeMnist.Gzip(FakeMnist.Images[1000..])];
        Assert.That(IdxFile.ReadImages(_folder.File("i.gz", packed)).Sha256, Is.EqualTo(FakeMnist.Hash(FakeMnist.Images)));
    }

    [Test]
    public void LabelsWherePicturesBelong([Values] bool gzip) =>
        Refused(FakeMnist.Labels, gzip, "IDX labels", "2049", "IDX pictures", "2051");

    [Test]
    public void WrongMagic([Values] bool gzip) =>
        Refused(FakeMnist.Idx(0x12345678, [7, 28, 28], FakeMnist.Images[16..]), gzip, "its magic number is 305419896");

    [Test]
    public void CutShort([Values] bool gzip) =>
        Refused(FakeMnist.Images[..^1], gzip, "it is cut short", "5,487 bytes", "5,488 bytes", "7x28x28 pictures");

    [Test]
    public void CutWithinTheHeader([Values] bool gzip) =>
        Refused(FakeMnist.Images[..11], gzip, "it ends after 11 bytes", "a header of 16 bytes");

    [Test]
    public void CutWithinTheMagicNumber([Values] bool gzip) => Refused(FakeMnist.Images[..3], gzip, "it ends after 3 bytes");

    [Test]
    public void TrailingBytes([Values] bool gzip) =>
        Refused([.. FakeMnist.Images, 0], gzip, gzip ? "more bytes" : "1 byte too many");

    [Test]
    public void Empty([Values] bool gzip) => Refused([], gzip, "it is empty");

    [Test]
    public void NoPictures([Values] bool gzip) => Refused(FakeMnist.Idx(2051, [0, 28, 28], []), gzip, "its header says 0x28x28");

    [TestCase(-1, -1, -1)]
    [TestCase(int.MaxValue, int.MaxValue, int.MaxValue)]
    [TestCase(65536, 65536, 65536)]
    [TestCase(int.MaxValue, 1, 1)]
    public void SizesThatNoFileHas(int count, int rows, int columns)
    {
        Refused(FakeMnist.Idx(2051, [count, rows, columns], new byte[50]), false, "its header says");
        Refused(FakeMnist.Idx(2051, [count, rows, columns], new byte[50]), true, "its header says");
    }

    [Test]
    public void AHeaderThatLiesReservesLittle([Values] bool gzip)
    {
        byte[] lie = FakeMnist.Idx(2051, [2_000_000, 28, 28], new byte[1000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(lie, gzip, "it is cut short", "1,000 bytes", "1,568,000,000 bytes");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(80 << 20));
    }

    [Test]
    public void MoreThanTheFirstAllocationArrivesWhole()
    {
        var values = new byte[100_000 * 784];
        new Random(1).NextBytes(values.AsSpan(0, 4096));
        values[^1] = 17;
        byte[] file = FakeMnist.Idx(2051, [100_000, 28, 28], values);
        var read = IdxFile.ReadImages(_folder.File("big.gz", FakeMnist.Gzip(file)));
        Assert.That(read.Sha256, Is.EqualTo(FakeMnist.Hash(file)));
        Assert.That(read.Values.AsSpan().SequenceEqual(values), Is.True);
    }

    [Test]
    public void AGzipNameMustHoldGzip() =>
        RefusedFile(_folder.File("i.gz", FakeMnist.Images), "it doesn't hold gzip", ".gz");

    [Test]
    public void GzipNeedsAGzipName() =>
        RefusedFile(_folder.File("i", FakeMnist.Gzip(FakeMnist.Images)), "it holds gzip", ".gz");

    [TestCase(0.5)]
    [TestCase(0.99)]
    public void GzipCutShort(double part)
    {
        var noise = new byte[20 * 784];
        new Random(5).NextBytes(noise);
        byte[] packed = FakeMnist.Gzip(FakeMnist.Idx(2051, [20, 28, 28], noise));
        RefusedFile(_folder.File("i.gz", packed[..(int)(packed.Length * part)]), "cut short");
    }

    [Test]
    public void GzipWithAWrongChecksum()
    {
        byte[] packed = FakeMnist.Gzip(FakeMnist.Images);
        packed[^6] ^= 1;
        RefusedFile(_folder.File("i.gz", packed), "its gzip data is damaged");
    }

    [Test]
    public void NoSuchFile() => RefusedFile(Path.Combine(_folder.Path, "none"), "can't be read: there is no such file");

    [Test]
    public void AFolder() => RefusedFile(_folder.Path, "a folder has that name");

    private void Refused(byte[] content, bool gzip, params string[] says) =>
        RefusedFile(gzip ? _folder.File("i.gz", FakeMnist.Gzip(content)) : _folder.File("i", content), says);

    private static void RefusedFile(string path, params string[] says)
    {
        var fault = Assert.Throws<GanException>(() => IdxFile.ReadImages(path))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(fault.Message, Does.Contain(path));
        foreach (string part in says)
            Assert.That(fault.Message, Does.Contain(part));
    }
}

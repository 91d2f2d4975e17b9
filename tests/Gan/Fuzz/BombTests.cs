using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using NUnit.Framework;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.PixelFormats;

namespace GanFromScratch.Tests;

/// <summary>Small files that unpack to very much, and headers that claim very much: they are refused before the memory is taken.</summary>
[Quick]
public sealed class BombTests
{
    private const int Huge = 200 << 20;
    private const long MostBytes = 8 << 20;
    private static readonly Lazy<byte[]> Zeros = new(() => Gzip([], Huge));
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void IdxThatGoesOn()
    {
        byte[] header = FakeMnist.Images[..16];
        Refused(_folder.File("i.gz", Gzip(header, Huge)), IdxFile.ReadImages, "more");
    }

    [Test]
    public void IdxWhoseHeaderLies()
    {
        byte[] header = FakeMnist.Idx(2051, [2_000_000, 28, 28], []);
        Refused(_folder.File("i.gz", Gzip(header, 1000)), IdxFile.ReadImages, "1,000 bytes");
    }

    [Test]
    public void Cifar10ThatIsTooMuch() => RefusedCifar10(Zeros.Value, "209,715,200", "184,380,000");

    /// <summary>gzip's own length, of which the reader takes the memory.</summary>
    [TestCase(FakeCifar10.Record)]
    [TestCase(0)]
    [TestCase(-1)]
    public void Cifar10WhoseTrailerLies(int claimed)
    {
        byte[] file = [.. Zeros.Value];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(file.Length - 4), claimed);
        RefusedCifar10(file, "gzip");
    }

    /// <summary>An archive whose entry claims gigabytes: as a file of records, and as the long name of another one.</summary>
    [TestCase('0')]
    [TestCase('L')]
    [TestCase('x')]
    public void Cifar10sArchiveThatLies(char kind)
    {
        byte[] archive = FakeCifar10.Tar("a", ("data_batch_1.bin", FakeCifar10.Records(1)));
        var header = archive.AsSpan(2 * 512 + 512, 512);
        Assert.That(System.Text.Encoding.ASCII.GetString(header[..18]), Is.EqualTo("a/data_batch_1.bin"));
        "13777777777"u8.CopyTo(header[124..]);
        header[156] = (byte)kind;
        FakeCifar10.SignHeader(header);
        foreach (bool packed in new[] { false, true })
        {
            string file = _folder.File($"cifar-10-binary.tar{(packed ? ".gz" : "")}", packed ? FakeMnist.Gzip(archive) : archive);
            Refused(_folder.Path, Cifar10Files.Files.Load, "damaged or cut short");
            File.Delete(file);
        }
    }

    [Test]
    public void Cifar10sArchiveThatGoesOn()
    {
        byte[] archive = FakeCifar10.Tar("a", ("data_batch_1.bin", FakeCifar10.Records(1)));
        _folder.File("cifar-10-binary.tar.gz", Gzip(archive, 2 * Huge));
        Refused(_folder.Path, Cifar10Files.Files.Load, "damaged or cut short");
    }

    [Test]
    public void NumPysArrayThatGoesOn()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("images.npy", CompressionLevel.Fastest).Open();
            entry.Write([0x93, .. "NUMPY"u8, 1, 0, 63, 0, .. "{'descr': '|u1', 'fortran_order': False, 'shape': (99, 28, 28), }"u8]);
            WriteZeros(entry, Huge);
        }
        string file = _folder.File("a.npz", bytes.ToArray());
        Refused(file, path => NpzFile.Read(path, new PictureShape(28, 28, 1), 1 << 30, SeedStream.Subsets.Of(0)), "[99,28,28]");
    }

    /// <summary>A palette of two billion bytes is refused, and a text that unpacks to much more than the picture is not read.</summary>
    [Test]
    public void PicturesWhoseDecoderTakesAllMemory()
    {
        var picture = Pictures.Waves(17, 11, 1);
        using var image = SixLabors.ImageSharp.Image.LoadPixelData<L8>(picture.Pixels.ToArray(), picture.Width, picture.Height);
        byte[] bmp = Pictures.Bytes(stream => image.SaveAsBmp(stream, new BmpEncoder { BitsPerPixel = BmpBitsPerPixel.Pixel8 }));
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(10), int.MaxValue); // where the pixels begin, so how long the palette is
        foreach (int length in (int[])[bmp.Length, 33, 30, 26, 14]) // shorter than headers are, too
            Refused(_folder.File("p.bmp", bmp[..length]), path => ImageFiles.Read(path), "p.bmp is cut short");
        string[] found =
        [
            "424d4e00424d4e00424d4e0000762800000004ffde209a00000001000100",
            "424d4e000000000100003e00ff1910000000f9ffffff02000000000001001000",
        ];
        foreach (string ofFuzzing in found)
            Refused(_folder.File("p.bmp", Convert.FromHexString(ofFuzzing)), path => ImageFiles.Read(path), "p.bmp is cut short");
        string smallest = _folder.File("p.bmp", Convert.FromHexString("424d1e000000000000001a0000000c000000010001000100180030405000"));
        Assert.That(ImageFiles.Read(smallest).Image.Pixels.ToArray(), Is.EqualTo(new byte[] { 0x50, 0x40, 0x30 }), "30 bytes can be whole");

        byte[] png = Pictures.Bytes(stream => image.SaveAsPng(stream));
        int afterHeader = InterlacedPng.Signature.Length + 25;
        foreach (string start in (string[])["zTXtComment\0\0", "iTXtComment\0\u0001\0en\0Comment\0"])
        {
            byte[] text = [.. Encoding.Latin1.GetBytes(start), .. Packed(Huge)], length = new byte[4], sum = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length - 4);
            BinaryPrimitives.WriteUInt32BigEndian(sum, System.IO.Hashing.Crc32.HashToUInt32(text));
            string path = _folder.File("p.png", [.. png[..afterHeader], .. length, .. text, .. sum, .. png[afterHeader..]]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var read = ImageFiles.Read(path);
            Assert.That(read.Image.Pixels.SequenceEqual(picture.Pixels), Is.True);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MostBytes));
        }

        static byte[] Packed(int zeros) => Pictures.Bytes(stream =>
        {
            using var packing = new ZLibStream(stream, CompressionLevel.Optimal);
            WriteZeros(packing, zeros);
        });
    }

    /// <summary>A picture in an archive that unpacks to more than any picture has, and archives whose files share their bytes.</summary>
    [Test]
    public void PicturesThatGoOn()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("a.png", CompressionLevel.Fastest).Open();
            entry.Write(PictureFolderTests.Flat(4, 4, 1, 10));
            WriteZeros(entry, Huge);
        }
        Refused(_folder.File("a.zip", bytes.ToArray()), Open, "a.png says that it has", "at most 134,217,728 of a picture are read");

        byte[] two = PictureTreeTests.Zip(("a.png", new byte[5000]), ("b.png", [1]));
        int directory = two.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteInt32LittleEndian(two.AsSpan(directory + 20), 5000); // the second's packed length, and where it begins
        BinaryPrimitives.WriteInt32LittleEndian(two.AsSpan(directory + 42), 0);
        Refused(_folder.File("b.zip", two), Open, "its files overlap");

        // names of no letters: two billion of them fit into nothing
        byte[] pixels = Npy("|u1", "(1, 2, 2)", new byte[4]);
        byte[] names = Npy("<U0", "(2000000000,)", []);
        Refused(_folder.File("n.npz", PictureTreeTests.Zip(("images.npy", pixels), ("classes.npy", names))), Open, "is no array of texts");

        string deep = string.Concat(Enumerable.Repeat("a/", 30_000));
        Refused(_folder.File("c.zip", PictureTreeTests.Zip((deep + "b.png", [1]))), Open, "more than 32 folders within each other");

        static byte[] Npy(string type, string shape, byte[] values)
        {
            string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
            return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. values];
        }

        static OpenedDataset Open(string path) => Datasets.Open(new DatasetRequest(path) { Threads = 1 });
    }

    private void RefusedCifar10(byte[] file, params string[] facts)
    {
        _folder.File("data_batch_1.bin.gz", file);
        Refused(_folder.Path, Cifar10Files.Files.Load, facts);
    }

    private static void Refused<T>(string path, Func<string, T> read, params string[] facts)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<GanException>(() => read(path))!;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MostBytes));
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        string said = string.Join('\n', fault.Lines.Prepend(fault.Message));
        foreach (string fact in facts)
            Assert.That(said, Does.Contain(fact));
    }

    private static byte[] Gzip(byte[] start, int zeros) => Pictures.Bytes(stream =>
    {
        using var gzip = new GZipStream(stream, CompressionLevel.Fastest);
        gzip.Write(start);
        WriteZeros(gzip, zeros);
    });

    private static void WriteZeros(Stream stream, int count)
    {
        var piece = new byte[1 << 20];
        for (; count > 0; count -= piece.Length)
            stream.Write(piece, 0, Math.Min(count, piece.Length));
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Training;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;

namespace GanFromScratch.Tests;

/// <summary>Every reader of files that come from elsewhere, on ten thousand files with mistakes.</summary>
public sealed class ReaderFuzzTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder(inMemory: true);

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void IdxPictures() => Fuzz.Run(FakeMnist.Images, file => IdxFile.ReadImages(_folder.File("i", file)));

    [Test]
    public void IdxPicturesInGzip() => Fuzz.Run(
        FakeMnist.Gzip(FakeMnist.Images), FakeMnist.Images, file => IdxFile.ReadImages(_folder.File("i.gz", file)), FakeMnist.Gzip);

    [Test]
    public void MnistsLabelsBesideItsPictures()
    {
        _folder.File("train-images-idx3-ubyte", FakeMnist.Images);
        Fuzz.Run(FakeMnist.Labels, file =>
        {
            _folder.File("train-labels-idx1-ubyte", file);
            MnistFiles.Load(_folder.Path, FakeMnist.Part);
        });
    }

    [Test]
    public void Cifar10() => Fuzz.Run(FakeCifar10.Records(3), file => ReadCifar10("data_batch_1.bin", file));

    [Test]
    public void Cifar10InGzip() => Fuzz.Run(
        FakeMnist.Gzip(FakeCifar10.Records(3)), FakeCifar10.Records(3), file => ReadCifar10("data_batch_1.bin.gz", file), FakeMnist.Gzip);

    [Test]
    public void Cifar10InItsArchive() => Fuzz.Run(
        SmallArchive, file => ReadCifar10("cifar-10-binary.tar", file), WithRightSums);

    [Test]
    public void Cifar10InItsPackedArchive() => Fuzz.Run(
        FakeMnist.Gzip(SmallArchive), SmallArchive, file => ReadCifar10("cifar-10-binary.tar.gz", file),
        content => FakeMnist.Gzip(WithRightSums(content)));

    /// <summary>Mistakes in the header and in the rows of pixels, packed as they should be.</summary>
    [TestCase(1)]
    [TestCase(3)]
    public void PngPicturesPackedAnew(int channels)
    {
        byte[] whole = Pictures.Png(Pictures.Waves(17, 11, channels));
        using var unpacked = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(whole[41..^16]), CompressionMode.Decompress))
            zlib.CopyTo(unpacked);
        Fuzz.Run(whole, [.. whole[16..29], .. unpacked.ToArray()], file => Pictures.Read(_folder.File("p.png", file)), Packed);
    }

    /// <summary>Pictures of a data set, whose decoders are a library's.</summary>
    [TestCase("png")]
    [TestCase("jpeg")]
    [TestCase("bmp")]
    [TestCase("webp")]
    public void PicturesOfADataSet(string kind)
    {
        var picture = Pictures.Waves(17, 11, 3);
        using var image = SixLabors.ImageSharp.Image.LoadPixelData<Rgb24>(picture.Pixels.ToArray(), picture.Width, picture.Height);
        byte[] whole = Pictures.Bytes(stream => image.Save(stream, (IImageEncoder)(kind switch
        {
            "png" => new PngEncoder { InterlaceMethod = PngInterlaceMode.Adam7 },
            "jpeg" => new JpegEncoder(),
            "bmp" => new BmpEncoder(),
            _ => new WebpEncoder(),
        })));
        Fuzz.Run(whole, file => ImageFiles.Read(_folder.File("p", file)), kind == "png" ? WithRightChecksums : null);
    }

    /// <summary>Archives of pictures in two classes: mistakes in the archive, and in a picture that it packs rightly.</summary>
    [Test]
    public void ZipsOfPictures()
    {
        byte[] picture = PictureFolderTests.Flat(6, 5, 3, 10, 20, 30);
        Fuzz.Run(Zip(picture), picture, file => Open("a.zip", file), Zip);

        byte[] Zip(byte[] content) => PictureTreeTests.Zip(("a/1.png", content), ("b/2.png", picture), ("b/notes.txt", [1, 2, 3]));
    }

    /// <summary>Decoded pictures with labels and texts, as they are kept and taken along.</summary>
    [Test]
    public void PacksOfPictures()
    {
        var set = new NpzPictures(new PictureShape(2, 3, 1), new byte[30], [0, 1, 1, 0, 1], ["cat", "dog"]) { Notes = ["a note"] };
        byte[] whole = Pictures.Bytes(stream => NpzFile.Write(stream, set, CompressionLevel.NoCompression));
        Fuzz.Run(whole, file => Open("a.npz", file));
    }

    private OpenedDataset Open(string name, byte[] file)
    {
        string path = _folder.File(name, file);
        Datasets.Check(path);
        return Datasets.Open(new DatasetRequest(path) { Threads = 1 });
    }

    [Test]
    public void SafetensorsFiles() => Fuzz.Run(
        Pictures.Bytes(stream => Safetensors.Write(
            stream,
            [
                ("fc1.weight", [5, 4], new float[20]), ("fc1.bias", [5], new float[5]), ("step", [], new float[1]),
                ("none", [0, 4], Array.Empty<float>())
            ],
            new Dictionary<string, string> { ["recipe"] = "odog", ["format"] = "pt" })),
        file => SafetensorsFile.Read(_folder.File("a.safetensors", file)));

    /// <summary>Generators of dense layers, and of convolutions, batch norms and a table of classes with names.</summary>
    [TestCase("sdl")]
    [TestCase(NarrowRecipes.ConditionalName)]
    public void Generators(string name)
    {
        string path = Path.Combine(_folder.Path, "g.safetensors");
        var book = RecipeBook.BuiltIn.With(NarrowRecipes.Conditional);
        using (var device = new CpuDevice(1))
        {
            var (recipe, shape) = (book.Find(name), new PictureShape(4, 4, 1));
            string[]? classes = recipe.IsConditional ? ["cat", "dog", "a \"third\" one"] : null;
            var export = new GeneratorExport();
            var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 0)) { Classes = classes?.Length ?? 0 };
            export.Copy(recipe, shape, recipe.Generator(make, shape), classes, step: 1);
            export.Write(path);
        }
        Fuzz.Run(File.ReadAllBytes(path), file =>
        {
            using var device = new CpuDevice(1);
            GeneratorFile.Read(book, _folder.File("g.safetensors", file), device);
            Assert.That(device.AllocatedBytes, Is.LessThan(4 << 20));
        });
    }

    [Test]
    public void Checkpoints()
    {
        var snapshot = new Snapshot();
        using (var device = new CpuDevice(1))
        {
            snapshot.VisitTensor("generator.fc1.weight", Tensor.Filled(device, new Shape(3, 4), 0.5f));
            snapshot.VisitTensor("generator.fc1.bias", Tensor.Filled(device, new Shape(4), 0.25f));
        }
        snapshot.VisitInt64("step", 469);
        snapshot.VisitDouble("best", 0.125);
        Checkpoint.Write(Path.Combine(_folder.Path, "c.safetensors"), snapshot);
        Fuzz.Run(
            File.ReadAllBytes(Path.Combine(_folder.Path, "c.safetensors")), file => Checkpoint.Read(_folder.File("c.safetensors", file)));
    }

    [Test]
    public void Settings()
    {
        using var gan = new GanProgram();
        gan.Done("--dataset digits --limit 64 --batch 64 --steps 1 --recipe sdl --loss hinge --beta1 0.4 --output run");
        Fuzz.Run(File.ReadAllBytes(gan["run", SettingsFile.Name]), ReadSettings);
    }

    [Test]
    public void SettingsOfAnOlderProgram() => Fuzz.Run(File.ReadAllBytes(Path.Combine(OldRun.Before, SettingsFile.Name)), ReadSettings);

    private void ReadSettings(byte[] file)
    {
        _folder.File(SettingsFile.Name, file);
        var settings = SettingsFile.Read(_folder.Path);
        _ = RunDataset.Of(settings.Resolved.Dataset);
        settings.Resolved.RequireSame(_folder.Path, settings.Resolved);
        SettingsFile.Write(_folder.Path, settings);
        Assert.That(SettingsFile.Read(_folder.Path).Request, Is.EqualTo(settings.Request), "what was read is written, and read again");
    }

    [Test]
    public void NumPysPictures()
    {
        const string Header = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 2, 3), }";
        byte[] array = [0x93, .. "NUMPY"u8, 1, 0, (byte)Header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(Header), .. new byte[30]];
        Fuzz.Run(Archive(array), array, file => NpzFile.Read(_folder.File("a.npz", file)), Archive);
        var shape = new PictureShape(2, 3, 1);
        Fuzz.Run(
            Archive(array), array, file => NpzFile.Read(_folder.File("a.npz", file), shape, 4, SeedStream.Subsets.Of(0)), Archive);
    }

    private void ReadCifar10(string name, byte[] file)
    {
        _folder.File(name, file);
        Cifar10Files.Files.Load(_folder.Path);
    }

    private static byte[] SmallArchive { get; } = FakeCifar10.Tar(
        "cifar-10-batches-bin", ("data_batch_1.bin", FakeCifar10.Records(1)), ("data_batch_2.bin", FakeCifar10.Records(1)));

    // of each block that may be an entry's header, whatever else is wrong with it
    private static byte[] WithRightSums(byte[] archive)
    {
        const int Block = 512;
        for (int from = 0; from + Block <= archive.Length; from += Block)
        {
            var header = archive.AsSpan(from, Block);
            if (header.Slice(257, 5).SequenceEqual("ustar"u8))
                FakeCifar10.SignHeader(header);
        }
        return archive;
    }

    private static byte[] Archive(byte[] array)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("images.npy", CompressionLevel.Fastest).Open();
            entry.Write(array);
        }
        return bytes.ToArray();
    }

    // The content is IHDR's 13 bytes and the rows; of one cut within IHDR, what there is.
    private static byte[] Packed(byte[] content)
    {
        int header = Math.Min(13, content.Length);
        byte[] rows = Pictures.Bytes(stream =>
        {
            using var zlib = new ZLibStream(stream, CompressionLevel.Fastest);
            zlib.Write(content.AsSpan(header));
        });
        byte[] png =
        [
            0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n', .. Chunk("IHDR"u8, content.AsSpan(0, header)), .. Chunk("IDAT"u8, rows),
            .. Chunk("IEND"u8, [])
        ];
        return WithRightChecksums(png);
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. type, .. data, .. new byte[4]];
    }

    // of every chunk up to the first one that doesn't fit into the file
    private static byte[] WithRightChecksums(byte[] png)
    {
        const int Signature = 8, Around = 12;
        for (long at = Signature; at + Around <= png.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan((int)at));
            if (at + Around + length > png.Length)
                break;
            var summed = png.AsSpan((int)at + 4, (int)length + 4);
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan((int)at + 8 + (int)length), Crc32.HashToUInt32(summed));
            at += Around + length;
        }
        return png;
    }
}

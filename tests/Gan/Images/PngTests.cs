using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

internal sealed class PngTests
{
    private const string PillowReads = """
        import sys
        from PIL import Image
        for path in sys.argv[1:]:
            with Image.open(path) as picture:
                picture.load()
                with open(path + '.raw', 'wb') as out:
                    out.write(f'{picture.format} {picture.mode} {picture.width}x{picture.height}\n'.encode())
                    out.write(picture.tobytes())
        """;

    // an encoder of its own: argument 1 is a folder; makes one file per filter and kind, in several IDATs and with chunks to pass over
    private const string PythonWrites = """
        import random, struct, sys, zlib
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        def paeth(a, b, c):
            p = a + b - c
            return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        predict = [lambda a, b, c: 0, lambda a, b, c: a, lambda a, b, c: b, lambda a, b, c: (a + b) // 2, paeth]
        rng = random.Random(5)
        for filter in range(6):
            for channels in 1, 3:
                width, height = 13, 11
                stride = width * channels
                pixels = bytes(rng.randrange(256) for _ in range(stride * height))
                raw = b''
                for y in range(height):
                    kind = filter if filter < 5 else y % 5
                    raw += bytes([kind])
                    for i in range(stride):
                        at = lambda dx, dy: pixels[(y - dy) * stride + i - dx * channels] if y >= dy and i >= dx * channels else 0
                        raw += bytes([(pixels[y * stride + i] - predict[kind](at(1, 0), at(0, 1), at(1, 1))) & 255])
                data = zlib.compress(raw)
                head = struct.pack('>IIBBBBB', width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
                file = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'tEXt', b'Comment\0hello') + chunk(b'IDAT', data[:7])
                file += chunk(b'IDAT', b'') + chunk(b'IDAT', data[7:]) + chunk(b'tIME', bytes(7)) + chunk(b'IEND', b'') + b'more'
                open(f'{sys.argv[1]}/{filter}-{channels}.png', 'wb').write(file)
                open(f'{sys.argv[1]}/{filter}-{channels}.raw', 'wb').write(pixels)
        """;

    private static Image[] Samples() =>
    [
        Pictures.Noise(1, 1, 1, 1), Pictures.Noise(1, 1, 3, 2), Pictures.Noise(1, 17, 1, 3), Pictures.Noise(19, 1, 3, 4),
        Pictures.Noise(7, 5, 1, 5), Pictures.Noise(13, 31, 3, 6), Pictures.Noise(300, 300, 3, 7), Pictures.Noise(301, 299, 1, 8),
        Pictures.Constant(64, 33, 1, 0), Pictures.Constant(33, 64, 3, 255), Pictures.Waves(200, 150, 1), Pictures.Waves(150, 200, 3),
    ];

    [Test]
    public void PillowReadsWhatIsWritten()
    {
        string python = ToolRequirement.Python("PIL");
        using var folder = new TemporaryFolder();
        var samples = Samples();
        var paths = samples.Select((_, i) => folder[$"{i}.png"]).ToArray();
        for (int i = 0; i < samples.Length; i++)
            AtomicFile.Write(paths[i], stream => Png.Write(stream, samples[i]));

        var result = Processes.Run(python, ["-c", PillowReads, .. paths]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        for (int i = 0; i < samples.Length; i++)
        {
            string head = $"PNG {(samples[i].Channels == 1 ? "L" : "RGB")} {samples[i].Width}x{samples[i].Height}\n";
            Assert.That(
                File.ReadAllBytes(paths[i] + ".raw"), Is.EqualTo(Encoding.ASCII.GetBytes(head).Concat(samples[i].Pixels.ToArray())), head);
        }
    }

    [Test]
    public void EveryFilterIsRead()
    {
        string python = ToolRequirement.Python();
        using var folder = new TemporaryFolder();
        var result = Processes.Run(python, "-c", PythonWrites, folder.Path);
        Assert.That(result.ExitCode, Is.Zero, result.Error);

        var files = Directory.GetFiles(folder.Path, "*.png");

        Assert.That(files, Has.Length.EqualTo(12));
        foreach (string path in files)
        {
            var image = Png.Read(path);
            Assert.That((image.Width, image.Height), Is.EqualTo((13, 11)));
            Assert.That(image.Pixels.ToArray(), Is.EqualTo(File.ReadAllBytes(Path.ChangeExtension(path, ".raw"))), path);
        }
    }

    [Test]
    public void WhatIsWrittenIsReadBack() => Prop.ForAll((PositiveInt width, PositiveInt height, int seed) =>
    {
        int w = 1 + width.Get % 50, h = 1 + height.Get % 50;
        foreach (int channels in (int[])[1, 3])
        {
            Pictures.AssertSame(
                Png.Read(new MemoryStream(Written(Pictures.Noise(w, h, channels, seed)))), Pictures.Noise(w, h, channels, seed));
            Pictures.AssertSame(
                Png.Read(new MemoryStream(Written(Pictures.Waves(w, h, channels, seed)))), Pictures.Waves(w, h, channels, seed));
        }
    }).QuickCheckThrowOnFailure();

    [Test]
    public void SamplesAreReadBackAlsoFromAStreamThatGivesLittleAtATime()
    {
        foreach (var image in Samples())
            Pictures.AssertSame(Png.Read(new Trickle(Written(image))), image);
    }

    [Test]
    public void SamePictureSameBytes()
    {
        var once = Written(Pictures.Waves(100, 90, 3));
        Assert.That(Written(Pictures.Waves(100, 90, 3)), Is.EqualTo(once));
    }

    [Test]
    public void FiltersMakeSmoothPicturesSmall() =>
        Assert.That(Written(Pictures.Waves(200, 200, 3)), Has.Length.LessThan(200 * 200 * 3 / 3));

    [Test]
    public void ChecksumIsTheUsualOne() => Assert.That(Crc32.Of("123456789"u8), Is.EqualTo(0xCBF43926u));

    [Test]
    public void CutShortAnywhereItIsRefused()
    {
        var file = Written(Pictures.Noise(9, 6, 3, 1));
        for (int length = 0; length < file.Length; length++)
            AssertRefused(file[..length], $"{length} of {file.Length} bytes");
    }

    [Test]
    public void AnyByteChangedItIsRefused()
    {
        var file = Written(Pictures.Noise(9, 6, 1, 1));
        for (int i = 0; i < file.Length; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x20, 0x80, 0xFF])
            {
                var changed = file.ToArray();
                changed[i] ^= change;
                AssertRefused(changed, $"byte {i} changed by {change:x}");
            }
        }
    }

    [TestCase(0x80000000u, 1u)]
    [TestCase(1u, 0x80000000u)]
    [TestCase(0x7FFFFFFFu, 0x7FFFFFFFu)]
    [TestCase(0u, 5u)]
    [TestCase(5u, 0u)]
    [TestCase(40000u, 40000u)]
    [TestCase(8000u, 8000u)]
    [TestCase(1u, 80000000u)]
    public void SizesThatLieAllocateNothing(uint width, uint height)
    {
        var file = PngFile(Header(width, height, 8, 2), Zlib(new byte[31]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(file, $"{width}x{height}");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
    }

    [Test]
    public void AChunkThatLiesAboutItsLengthAllocatesNothing()
    {
        var file = Written(Pictures.Noise(9, 6, 3, 1));
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(33), 0x7FFFFFFF);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(file, "IDAT of 2 GiB");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
    }

    [TestCase(8, 2, 1, "interlaced")]
    [TestCase(16, 2, 0, "16 bits")]
    [TestCase(1, 0, 0, "1 bits")]
    [TestCase(8, 3, 0, "palette")]
    [TestCase(8, 4, 0, "alpha")]
    [TestCase(8, 6, 0, "alpha")]
    [TestCase(8, 77, 0, "unknown")]
    public void OtherKindsAreRefusedByName(int depth, int colours, int interlace, string word)
    {
        var error = AssertRefused(PngFile(Header(3, 2, depth, colours, interlace), Zlib(new byte[100])), word);
        Assert.That(error.Message, Does.Contain(word).And.Contain("convert"));
    }

    [Test]
    public void DataThatDontFitTheHeaderAreRefused()
    {
        var header = Header(3, 2, 8, 0);
        Assert.That(Png.Read(new MemoryStream(PngFile(header, Zlib(new byte[8])))).Pixels.ToArray(), Is.EqualTo(new byte[6]));
        Assert.That(AssertRefused(PngFile(header, Zlib(new byte[7])), "short").Message, Does.Contain("row 1 of 2"));
        Assert.That(AssertRefused(PngFile(header, Zlib(new byte[9])), "long").Message, Does.Contain("2 rows"));
        Assert.That(AssertRefused(PngFile(header, Zlib([0, 1, 2, 3, 5, 1, 2, 3])), "filter").Message, Does.Contain("filter 5"));
        Assert.That(AssertRefused(PngFile(header, [1, 2, 3, 4]), "not zlib").Message, Does.Contain("inflated"));
        AssertRefused(PngFile(header, []), "empty");
        var wrongSum = Zlib(new byte[8]);
        wrongSum[^1] ^= 1;
        AssertRefused(PngFile(header, wrongSum), "Adler-32");
        AssertRefused([.. Signature, .. Chunk("IHDR", header), .. Chunk("ABCD", []), .. Chunk("IEND", [])], "unknown critical chunk");
        AssertRefused([.. Signature, .. Chunk("IDAT", Zlib(new byte[8])), .. Chunk("IEND", [])], "no header");
    }

    [Test]
    public void ErrorsNameThePicture()
    {
        var jpeg = Assert.Throws<GanException>(() => Png.Read(new MemoryStream([0xFF, 0xD8, 0xFF]), "photos/cat.png"))!;
        Assert.That(jpeg.Message, Does.StartWith("photos/cat.png is not a PNG"));
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<GanException>(() => Png.Read(folder["none.png"]))!;
        Assert.That(missing.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(missing.Message, Does.StartWith(folder["none.png"]));
        Assert.That(Assert.Throws<GanException>(() => Png.Read(folder.Path))!.Code, Is.EqualTo(ExitCode.Data));
    }

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private static byte[] Written(Image image) => Pictures.Bytes(stream => Png.Write(stream, image));

    private static GanException AssertRefused(byte[] file, string what)
    {
        var error = Assert.Throws<GanException>(() => Png.Read(new MemoryStream(file)), what)!;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Data), what);
        return error;
    }

    private static byte[] PngFile(byte[] header, byte[] data) =>
        [.. Signature, .. Chunk("IHDR", header), .. Chunk("IDAT", data), .. Chunk("IEND", [])];

    private static byte[] Header(uint width, uint height, int depth, int colours, int interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colours, (byte)interlace);
        return header;
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        var number = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(number.AsSpan(4), Crc32.Of(body));
        return [.. number[..4], .. body, .. number[4..]];
    }

    private static byte[] Zlib(byte[] data)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest))
            zlib.Write(data);
        return stream.ToArray();
    }

    /// <summary>A stream whose reads give at most three bytes, as a network's may.</summary>
    private sealed class Trickle(byte[] data) : MemoryStream(data)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 3));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 3)]);
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

// file: records [label 1, red 32x32, green 32x32, blue 32x32] of bytes, any number of them

/// <summary>
/// Reads the binary version of CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin` for training and `test_batch.bin`, plain or gzipped.
/// Published files have 10,000 records; any whole number is read, up to 60,000 of a gzipped file (Krizhevsky,
/// https://www.cs.toronto.edu/~kriz/cifar.html).
/// </summary>
public static class Cifar10Files
{
    /// <summary>The shape of a picture.</summary>
    public static PictureShape Shape => new(Size, Size, 3);

    /// <summary>Number of pictures in the published training files.</summary>
    public const int TrainingCount = 50_000;

    /// <summary>Number of published training files.</summary>
    public const int Batches = 5;

    /// <summary>The name of the test file.</summary>
    internal const string TestName = "test_batch.bin";

    private static readonly string[] Classes =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private const int Size = 32, Plane = Size * Size, Pixels = 3 * Plane;
    private const int RecordLength = 1 + Pixels;

    // all published pictures: the length of a gzipped file says little about its content
    private const int MaxUnpacked = 60_000 * RecordLength;
    private const string Subfolder = "cifar-10-batches-bin";

    /// <summary>Finds the training files of a folder or of its subfolder `cifar-10-batches-bin`, in the order of their numbers.</summary>
    public static IReadOnlyList<string> Find(string folder)
    {
        string[] found = FindIn(folder);
        return found.Length > 0 ? found : FindIn(Path.Combine(folder, Subfolder));
    }

    /// <summary>Reads all training files of a folder.</summary>
    /// <exception cref="GanException">Data: no file, or a damaged one.</exception>
    public static ImageSet Load(string folder)
    {
        var files = Find(folder);
        if (files.Count == 0)
        {
            throw new GanException(
                ExitCode.Data, $"{folder} lacks data_batch_1.bin to data_batch_5.bin of CIFAR-10. Put them there, plain or as .gz.");
        }
        return Load(folder, files);
    }

    /// <summary>Reads `test_batch.bin`, or gives null if a folder lacks it.</summary>
    /// <exception cref="GanException">Data: a damaged file.</exception>
    public static ImageSet? LoadTest(string folder) => FindFile(folder, TestName) is { } path ? Load(folder, [path]) : null;

    private static ImageSet Load(string folder, IReadOnlyList<string> files)
    {
        byte[][] batches = [.. files.Select(Read)];
        long count = batches.Sum(batch => (long)batch.Length / RecordLength);
        if (count * Pixels > Array.MaxLength)
        {
            throw new GanException(
                ExitCode.Data, $"{folder} holds {count:N0} pictures, more than the {Array.MaxLength / Pixels:N0} that fit. Use fewer.");
        }
        var pixels = new byte[count * Pixels];
        var labels = new byte[count];
        int picture = 0;
        foreach (var batch in batches)
        {
            for (int at = 0; at < batch.Length; at += RecordLength, picture++)
            {
                labels[picture] = batch[at];
                Interleave(batch.AsSpan(at + 1, Pixels), pixels.AsSpan(picture * Pixels, Pixels));
            }
        }
        return new ImageSet("cifar10", Path.GetDirectoryName(files[0])!, picture, Shape, pixels, labels, Classes);
    }

    private static string[] FindIn(string folder) =>
        [.. Enumerable.Range(1, Batches)
            .Select(n => FindFile(folder, $"data_batch_{n}.bin"))
            .OfType<string>()];

    // plain or as .gz
    private static string? FindFile(string folder, string name) =>
        new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".gz") }.FirstOrDefault(File.Exists);

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (int i = 0; i < Plane; i++)
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (planes[i], planes[Plane + i], planes[(2 * Plane) + i]);
    }

    private static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            bool packed = IdxFile.IsGzipName(path);
            if (packed)
                IdxFile.CheckGzip(path, file);
            long length = packed ? UnpackedLength(file) : file.Length;
            long max = packed ? MaxUnpacked : Array.MaxLength;
            if (length > max)
                throw IdxFile.Fault(path, $"its {length:N0} bytes are too many", $"{max:N0} bytes at most");
            var content = new byte[length];
            if (packed)
                Unpack(file, content);
            else
                file.ReadExactly(content);
            return Checked(path, content);
        }
        catch (InvalidDataException fault)
        {
            throw IdxFile.Fault(path, "its gzip data is damaged or cut short", "a whole gzip file", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(
                ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}. Check the file and its permissions.", fault);
        }
    }

    // the last four bytes of gzip (RFC 1952)
    private static long UnpackedLength(FileStream file)
    {
        var trailer = new byte[4];
        file.Position = Math.Max(0, file.Length - trailer.Length);
        _ = file.ReadAtLeast(trailer, trailer.Length, throwOnEndOfStream: false);
        file.Position = 0;
        long length = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        return length <= file.Length * Deflate.MaxExpansion
            ? length
            : throw new InvalidDataException("gzip's length is more than its data can hold");
    }

    // GZipStream takes the end of the file for the end of the data, so the two lengths are compared.
    private static void Unpack(FileStream file, byte[] content)
    {
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        if (unpacked.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length || unpacked.ReadByte() >= 0)
            throw new InvalidDataException("gzip's length differs from that of its data");
    }

    private static byte[] Checked(string path, byte[] content)
    {
        if (content.Length == 0)
            throw IdxFile.Fault(path, "it is empty", $"records of {RecordLength:N0} bytes");
        if (content is [0x1f, 0x8b, ..])
            throw IdxFile.Fault(path, "it holds gzip, which needs a name ending in .gz", $"records of {RecordLength:N0} bytes");
        if (content.Length % RecordLength != 0)
        {
            throw IdxFile.Fault(
                path, $"its {content.Length:N0} bytes are not a whole number of records",
                $"records of {RecordLength:N0} bytes: a label, then {Size}x{Size} values each of red, green and blue");
        }
        for (int at = 0; at < content.Length; at += RecordLength)
        {
            if (content[at] > 9)
                throw IdxFile.Fault(path, $"label {at / RecordLength:N0} is {content[at]}", "0 to 9");
        }
        return content;
    }
}

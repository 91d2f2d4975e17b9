using System.Buffers.Binary;
using System.IO.Compression;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

// file: records [labels 1 or 2, red 32x32, green 32x32, blue 32x32] of bytes, any number of them

/// <summary>
/// Reads the binary version of a CIFAR data set (Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html): its files, plain or gzipped, or
/// the archive that holds them, as it is downloaded. Any whole number of records is read, up to 60,000 of a gzipped file.
/// </summary>
/// <param name="Name">The name of the set on the command line.</param>
/// <param name="Title">The name in sentences.</param>
internal sealed record CifarFiles(string Name, string Title)
{
    /// <summary>Number of pictures in the published training files.</summary>
    public const int TrainingCount = 50_000;

    private const int Size = 32, Plane = Size * Size, Pixels = 3 * Plane;
    private const int PublishedCount = 60_000;

    /// <summary>The shape of a picture.</summary>
    public static PictureShape Shape => new(Size, Size, 3);

    /// <summary>The name of the archive, without `.tar.gz`.</summary>
    public required string Archive { get; init; }

    /// <summary>The folder of the files in the archive.</summary>
    public required string Subfolder { get; init; }

    /// <summary>The names of the training files.</summary>
    public required IReadOnlyList<string> Training { get; init; }

    /// <summary>The name of the test file.</summary>
    public required string Test { get; init; }

    /// <summary>Labels before the pixels of a record, of which the last one is the picture's class.</summary>
    public required int LabelBytes { get; init; }

    /// <summary>The names of the classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The training files, or the first and the last of them, in words.</summary>
    public string TrainingNames => Training.Count == 1 ? Training[0] : $"{Training[0]} to {Training[^1]}";

    private int RecordLength => LabelBytes + Pixels;

    // all published pictures: the length of a gzipped file says little about its content
    private long MaxUnpacked => (long)PublishedCount * RecordLength;

    /// <summary>
    /// Finds the training files of a folder or of its subfolder, in their order. Where some of them are missing and the archive is there,
    /// it is the archive.
    /// </summary>
    public IReadOnlyList<string> Find(string folder)
    {
        string[] found = FindIn(folder), files = found.Length > 0 ? found : FindIn(Path.Combine(folder, Subfolder));
        return files.Length < Training.Count && FindArchive(folder) is { } archive ? [archive] : files;
    }

    /// <summary>Reads all training files of a folder.</summary>
    /// <returns>The pictures, and a warning where files are missing.</returns>
    /// <exception cref="GanException">Data: no file, or a damaged one.</exception>
    public (ImageSet Images, IReadOnlyList<string> Warnings) Load(string folder)
    {
        var sources = Find(folder);
        var files = sources.SelectMany(source => Contents(source, Training)).ToList();
        if (files.Count == 0)
        {
            throw new GanException(
                ExitCode.Data,
                $"{(sources.Count > 0 ? sources[0] : folder)} lacks {TrainingNames} of {Title}. Put {Archive}.tar.gz there as it is, or "
                + "its files, plain or as .gz.");
        }
        var images = Load(Path.GetDirectoryName(sources[0])!, files);
        string batches = $"{files.Count} of {Training.Count} batches: {images.Count:N0} of {TrainingCount:N0} pictures";
        return (images, files.Count == Training.Count ? [] : [$"{Name} has {batches}."]);
    }

    /// <summary>Reads the test file of a folder or of its archive, or gives null where there is none.</summary>
    /// <exception cref="GanException">Data: a damaged file.</exception>
    public ImageSet? LoadTest(string folder)
    {
        var files = (FindFile(folder, Test) ?? FindArchive(folder)) is { } source ? Contents(source, [Test]) : [];
        return files.Count > 0 ? Load(folder, files) : null;
    }

    private ImageSet Load(string folder, IReadOnlyList<byte[]> batches)
    {
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
            for (int at = LabelBytes; at < batch.Length; at += RecordLength, picture++)
            {
                labels[picture] = batch[at - 1];
                Interleave(batch.AsSpan(at, Pixels), pixels.AsSpan(picture * Pixels, Pixels));
            }
        }
        return new ImageSet(Name, folder, picture, Shape, pixels, labels, Classes);
    }

    private string[] FindIn(string folder) => [.. Training.Select(name => FindFile(folder, name)).OfType<string>()];

    // plain or as .gz
    private static string? FindFile(string folder, string name) =>
        new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".gz") }.FirstOrDefault(File.Exists);

    private string? FindArchive(string folder) =>
        new[] { ".tar.gz", ".tgz", ".tar" }.Select(end => Path.Combine(folder, Archive + end)).FirstOrDefault(File.Exists);

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (int i = 0; i < Plane; i++)
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (planes[i], planes[Plane + i], planes[(2 * Plane) + i]);
    }

    // of a file of records, its own; of the archive, those of its files with these names, as far as there are
    private IReadOnlyList<byte[]> Contents(string path, IReadOnlyList<string> names)
    {
        bool isArchive = Path.GetFileName(path).StartsWith(Archive + ".t", StringComparison.Ordinal);
        bool isPacked = IdxFile.IsGzipName(path) || path.EndsWith(".tgz", StringComparison.Ordinal);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (isPacked)
                IdxFile.CheckGzip(path, file);
            return isArchive ? Members(path, file, isPacked, names) : [Checked(path, Whole(path, file, isPacked))];
        }
        catch (Exception fault) when (isArchive && (fault is InvalidDataException or EndOfStreamException))
        {
            throw IdxFile.Fault(path, "it is damaged or cut short", "a whole tar archive", fault);
        }
        catch (InvalidDataException fault)
        {
            throw IdxFile.Fault(path, "its gzip data is damaged or cut short", "a whole gzip file", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, fault);
        }
    }

    private List<byte[]> Members(string path, FileStream file, bool isPacked, IReadOnlyList<string> names)
    {
        using Stream archive = isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
        long max = Math.Min(isPacked ? file.Length * Deflate.MaxExpansion : file.Length, 2 * MaxUnpacked);
        var members = TarFile.Read(archive, names, max);
        return [.. names.Where(members.ContainsKey).Select(name => Checked($"{path}, {name}", members[name]))];
    }

    private byte[] Whole(string path, FileStream file, bool isPacked)
    {
        long length = isPacked ? UnpackedLength(file) : file.Length;
        long max = isPacked ? MaxUnpacked : Array.MaxLength;
        if (length > max)
            throw IdxFile.Fault(path, $"its {length:N0} bytes are too many", $"{max:N0} bytes at most");
        var content = new byte[length];
        if (isPacked)
            Unpack(file, content);
        else
            file.ReadExactly(content);
        return content;
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

    private byte[] Checked(string path, byte[] content)
    {
        if (content.Length == 0)
            throw IdxFile.Fault(path, "it is empty", $"records of {RecordLength:N0} bytes");
        if (content is [0x1f, 0x8b, ..])
            throw IdxFile.Fault(path, "it holds gzip, which needs a name ending in .gz", $"records of {RecordLength:N0} bytes");
        if (content.Length % RecordLength != 0)
        {
            string labels = LabelBytes == 1 ? "a label" : "two labels";
            throw IdxFile.Fault(
                path, $"its {content.Length:N0} bytes are not a whole number of records",
                $"records of {RecordLength:N0} bytes: {labels}, then {Size}x{Size} values each of red, green and blue");
        }
        for (int at = LabelBytes - 1; at < content.Length; at += RecordLength)
        {
            if (content[at] >= Classes.Count)
                throw IdxFile.Fault(path, $"label {at / RecordLength:N0} is {content[at]}", $"0 to {Classes.Count - 1}");
        }
        return content;
    }
}

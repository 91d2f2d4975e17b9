using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Data;

/// <summary>The content of an IDX file.</summary>
/// <param name="Dimensions">[count, height, width] of pictures, [count] of labels.</param>
/// <param name="Values">The bytes after the header, row-major.</param>
/// <param name="Sha256">SHA-256 of the whole uncompressed file, in lowercase hexadecimal.</param>
public sealed record IdxContent(int[] Dimensions, byte[] Values, string Sha256);

/// <summary>
/// Reads IDX files of bytes, plain, or gzipped if the name ends in `.gz`. LeCun's format: a big-endian magic number with the number of
/// dimensions as its last byte, the dimensions as big-endian 32-bit numbers, the values.
/// </summary>
public static class IdxFile
{
    private const int ImagesMagic = 2051;
    private const int LabelsMagic = 2049;

    // a header that claims more gets more only as bytes arrive
    private const int FirstAllocation = 64 << 20;
    private const int Chunk = 1 << 20;

    /// <summary>Reads pictures, [count, height, width].</summary>
    /// <exception cref="GanException">Data: the file is missing or damaged.</exception>
    public static IdxContent ReadImages(string path) => Read(path, ImagesMagic, "pictures");

    /// <summary>Reads labels, [count].</summary>
    /// <exception cref="GanException">Data: the file is missing or damaged.</exception>
    public static IdxContent ReadLabels(string path) => Read(path, LabelsMagic, "labels");

    private static IdxContent Read(string path, int magic, string what)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (!IsGzipName(path))
                return Parse(path, file, file.Length, file.Length, magic, what);
            CheckGzip(path, file);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            return Parse(path, unpacked, null, file.Length * Deflate.MaxExpansion, magic, what);
        }
        catch (InvalidDataException fault)
        {
            throw Fault(path, "its gzip data is damaged or cut short", "a whole gzip file", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, fault);
        }
    }

    /// <summary>Whether a file of this name must be gzipped.</summary>
    internal static bool IsGzipName(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Throws if a file isn't gzipped. Leaves it at its start.</summary>
    internal static void CheckGzip(string path, FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        int got = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        if (got == 0)
            throw Fault(path, "it is empty", "a gzip file");
        if (got < 2 || start[0] != 0x1f || start[1] != 0x8b)
            throw Fault(path, "it doesn't hold gzip", "gzip, as its name ends in .gz (a plain file is named without .gz)");
        file.Position = 0;
    }

    // length: of the whole plain file, or null for a gzipped one; max: the most bytes that a file of this size can hold
    private static IdxContent Parse(string path, Stream stream, long? length, long max, int magic, string what)
    {
        int dimensions = magic & 255;
        var header = new byte[4 + 4 * dimensions];
        int got = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (got == 0)
            throw Fault(path, "it is empty", $"IDX {what}");
        if (got >= 4)
            CheckMagic(path, header, magic, what);
        if (got < header.Length)
            throw Fault(path, $"it ends after {got} bytes", $"a header of {header.Length} bytes");
        var sizes = new int[dimensions];
        long expected = 1;
        for (int i = 0; i < dimensions; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + 4 * i));
            // both factors are below 2^31, so that a long holds the product
            expected = size is 0 or > int.MaxValue ? 0 : expected * size;
            if (expected is 0 || expected > Array.MaxLength)
                throw Fault(path, $"its header says {Sizes(header)} {what}", $"sizes above 0, and {Array.MaxLength:N0} bytes at most");
            sizes[i] = (int)size;
        }
        if (length is { } whole && whole != header.Length + expected)
            throw WrongLength(path, Sizes(header), what, expected, whole - header.Length);

        using var hash = new PipelinedSha256();
        hash.Append(header, 0, header.Length);
        var values = ReadValues(path, stream, (int)expected, max, hash, Sizes(header), what);
        return new IdxContent(sizes, values, hash.Finish());
    }

    private static void CheckMagic(string path, byte[] header, int magic, string what)
    {
        int found = BinaryPrimitives.ReadInt32BigEndian(header);
        if (found == magic)
            return;
        string holds = found switch
        {
            ImagesMagic => "it holds IDX pictures (magic number 2051)",
            LabelsMagic => "it holds IDX labels (magic number 2049)",
            _ when header[0] == 0x1f && header[1] == 0x8b => "it holds gzip, which needs a name ending in .gz",
            _ => $"its magic number is {found}",
        };
        throw Fault(path, holds, $"IDX {what} (magic number {magic})");
    }

    private static byte[] ReadValues(string path, Stream stream, int expected, long max, PipelinedSha256 hash, string sizes, string what)
    {
        var values = GC.AllocateUninitializedArray<byte>((int)Math.Min(expected, Math.Min(max, FirstAllocation)));
        int filled = 0;
        while (filled < expected)
        {
            if (filled == values.Length)
                Array.Resize(ref values, (int)Math.Min(expected, 2L * filled));
            int got = stream.Read(values, filled, Math.Min(Chunk, values.Length - filled));
            if (got == 0)
                throw WrongLength(path, sizes, what, expected, filled);
            hash.Append(values, filled, got);
            filled += got;
        }
        // at its end, a gzip stream checks its length and checksum
        if (stream.Read(new byte[1], 0, 1) != 0)
            throw WrongLength(path, sizes, what, expected, null);
        return values;
    }

    private static string Sizes(byte[] header) =>
        string.Join('x', header.Chunk(4).Skip(1).Select(size => BinaryPrimitives.ReadUInt32BigEndian(size)));

    private static GanException WrongLength(string path, string sizes, string what, long expected, long? found)
    {
        string state = found < expected ? $"it is cut short, with {found:N0} bytes" : found is null
            ? "it has more bytes"
            : $"it has {Plural.Of(found.Value - expected, "byte")} too many";
        return Fault(path, $"{state} after its header", $"{expected:N0} bytes for the {sizes} {what} of its header");
    }

    /// <summary>Makes the exception for a damaged file.</summary>
    internal static GanException Fault(string path, string found, string expected, Exception? inner = null) =>
        new(ExitCode.Data, $"{path}: {found}; expected {expected}. Remove the file and get it again.", inner);
}

/// <summary>Computes SHA-256 on another thread than the one that reads.</summary>
internal sealed class PipelinedSha256 : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _tail = Task.CompletedTask;

    /// <summary>Adds bytes, which must not change until <see cref="Finish"/>.</summary>
    public void Append(byte[] bytes, int offset, int count) =>
        _tail = _tail.ContinueWith(_ => _hash.AppendData(bytes, offset, count), TaskScheduler.Default);

    /// <summary>The hash of all bytes, in lowercase hexadecimal.</summary>
    public string Finish()
    {
        _tail.Wait();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tail.Wait();
        _hash.Dispose();
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Images;

// file: a ZIP archive with an entry images.npy; that is: magic, version u8 u8, length of the text u16 (u32 from version 2 on), text, values

/// <summary>Reads pictures from NumPy's archives of arrays, as <see cref="Npz"/> and `numpy.savez` write them.</summary>
internal static partial class NpzFile
{
    /// <summary>The name of the array.</summary>
    public const string ArrayName = "images";

    private const int MaxTextLength = 10_000;

    /// <summary>Reads the first pictures of the array `images`: uint8, [n, height, width] or [n, height, width, channels].</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The shape that its pictures must have.</param>
    /// <param name="max">The largest number of pictures to read; of the rest only the checksum is checked.</param>
    /// <exception cref="GanException">Data: the file is missing, damaged, or holds another array.</exception>
    public static ImageBytes Read(string path, PictureShape shape, int max)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var entry = archive.GetEntry($"{ArrayName}.npy") ?? throw Damaged(
                path, $"it has no array `{ArrayName}`, only {Names(archive)}; write it with `numpy.savez(file, {ArrayName}=...)`");
            using var stream = entry.Open();
            var checksum = new Crc32();
            var (text, length) = Header(path, stream, checksum);
            int count = Count(path, entry, Extents(path, text), length, shape);
            var pixels = Pixels(path, stream, Math.Min(count, max), shape, checksum);
            return checksum.GetCurrentHashAsUInt32() == entry.Crc32 ? pixels : throw Damaged(path, "its checksum is wrong");
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(path, "it is no ZIP archive, damaged or cut short");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GanException(
                ExitCode.Data, $"'{path}' can't be read: {fault.Message.TrimEnd('.')}. Check the file and its permissions.", fault);
        }
    }

    // Checks the array's shape against the pictures' and against the length of the file, and gives the number of pictures.
    private static int Count(string path, ZipArchiveEntry entry, int[] extents, int headerLength, PictureShape shape)
    {
        string found = $"[{string.Join(',', extents)}]";
        if (!Fits(extents, shape))
            throw Damaged(path, $"`{ArrayName}` is {found}, and the data set needs [n,{Extents(shape)}]");
        if (headerLength + ((double)extents[0] * shape.Length) != entry.Length)
            throw Damaged(path, $"{found} doesn't match the {entry.Length:N0} bytes of `{ArrayName}`");
        if (entry.Length > new FileInfo(path).Length * Deflate.MaxExpansion)
            throw Damaged(path, $"`{ArrayName}` claims {entry.Length:N0} bytes, more than the file can hold");
        return extents[0];
    }

    private static ImageBytes Pixels(string path, Stream stream, int count, PictureShape shape, Crc32 checksum)
    {
        long bytes = (long)count * shape.Length;
        if (bytes > Array.MaxLength)
            throw Damaged(path, $"{bytes:N0} bytes of `{ArrayName}` are more than the {Array.MaxLength:N0} that fit");
        var pixels = new byte[bytes];
        stream.ReadExactly(pixels);
        checksum.Append(pixels);
        var rest = new byte[1 << 16];
        for (int got; (got = stream.Read(rest)) > 0;)
            checksum.Append(rest.AsSpan(0, got));
        return new ImageBytes(shape, pixels);
    }

    private static (string Text, int Length) Header(string path, Stream stream, Crc32 checksum)
    {
        Span<byte> magic = stackalloc byte[8], size = stackalloc byte[4];
        stream.ReadExactly(magic);
        if (magic[0] != 0x93 || !magic[1..6].SequenceEqual("NUMPY"u8) || magic[6] is < 1 or > 3)
            throw Damaged(path, $"`{ArrayName}` is no array of NumPy's formats 1 to 3");
        size.Clear();
        var sizeBytes = size[..(magic[6] == 1 ? 2 : 4)];
        stream.ReadExactly(sizeBytes);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > MaxTextLength)
            throw Damaged(path, $"the header of `{ArrayName}` claims {length:N0} bytes; at most {MaxTextLength:N0} are supported");
        var text = new byte[length];
        stream.ReadExactly(text);
        checksum.Append(magic);
        checksum.Append(sizeBytes);
        checksum.Append(text);
        return (Encoding.Latin1.GetString(text), magic.Length + sizeBytes.Length + text.Length);
    }

    // {'descr': '|u1', 'fortran_order': False, 'shape': (9, 28, 28), }
    private static int[] Extents(string path, string text)
    {
        var type = TypeText().Match(text);
        var order = OrderText().Match(text);
        var shape = ShapeText().Match(text);
        if (!type.Success || !order.Success || !shape.Success)
            throw Damaged(path, $"the header of `{ArrayName}` is not what NumPy writes");
        if (type.Groups[1].Value is not ("|u1" or "u1" or "<u1" or ">u1"))
            throw Damaged(path, $"`{ArrayName}` has the type {type.Groups[1].Value}, and uint8 is needed");
        if (order.Groups[1].Value == "True")
            throw Damaged(path, $"`{ArrayName}` is in Fortran order; convert it with `numpy.ascontiguousarray`");
        return [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int extent)
                ? extent
                : throw Damaged(path, $"`{ArrayName}` has an extent of {part}, which is too large"))];
    }

    private static bool Fits(int[] extents, PictureShape shape) => extents is [> 0, var height, var width, .. var channels]
        && (height, width) == (shape.Height, shape.Width)
        && (channels is [] ? shape.Channels == 1 : channels is [var c] && c == shape.Channels);

    private static string Extents(PictureShape shape) =>
        shape.Channels == 1 ? $"{shape.Height},{shape.Width}" : $"{shape.Height},{shape.Width},{shape.Channels}";

    private static string Names(ZipArchive archive)
    {
        const int Listed = 5;
        string[] names = [.. archive.Entries.Take(Listed).Select(entry => $"`{entry.FullName}`")];
        return names.Length == 0 ? "nothing" : string.Join(", ", names) + (archive.Entries.Count > Listed ? " and others" : "");
    }

    private static GanException Damaged(string path, string why) =>
        new(ExitCode.Data, $"{path} can't be evaluated: {why}.");

    [GeneratedRegex(@"'descr': *'([^']*)'")]
    private static partial Regex TypeText();

    [GeneratedRegex("'fortran_order': *(True|False)")]
    private static partial Regex OrderText();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex ShapeText();
}

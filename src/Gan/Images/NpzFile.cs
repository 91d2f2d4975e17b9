using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Images;

// file: a ZIP archive with an entry images.npy; that is: magic, version u8 u8, length of the text u16 (u32 from version 2 on), text, values

/// <summary>Reads pictures from NumPy's archive of arrays, as <see cref="Npz"/> and `numpy.savez` write it. Nothing of it is believed before it was checked.</summary>
internal static partial class NpzFile
{
    /// <summary>The array's name.</summary>
    public const string ArrayName = "images";

    private const int LongestText = 10_000;

    /// <summary>Reads the first pictures of the array `images`: uint8, [n, height, width], or [n, height, width, channels].</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">How its pictures must lie.</param>
    /// <param name="most">How many are read at most; the rest is only checked.</param>
    /// <exception cref="GanException">Data: it isn't there, isn't what its format says, or holds something else.</exception>
    public static ImageBytes Read(string path, PictureShape shape, int most)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var entry = archive.GetEntry($"{ArrayName}.npy") ?? throw Damaged(
                path, $"it has no array `{ArrayName}` but {Names(archive)}; `numpy.savez('{Path.GetFileName(path)}', {ArrayName}=...)` makes one");
            using var stream = entry.Open();
            uint checksum = 0;
            var (text, length) = Header(path, stream, ref checksum);
            int[] extents = Extents(path, text);
            if (!Fits(extents, shape))
                throw Damaged(path, $"`{ArrayName}` is [{string.Join(',', extents)}] where [n,{Describe(shape)}] is needed, as the data set has it");
            if (length + ((double)extents[0] * shape.Length) != entry.Length)
                throw Damaged(path, $"[{string.Join(',', extents)}] doesn't go with the {entry.Length:N0} bytes of `{ArrayName}`");
            if (entry.Length > new FileInfo(path).Length * Deflate.MostExpansion)
                throw Damaged(path, $"`{ArrayName}` claims {entry.Length:N0} bytes, more than the file can hold");
            long bytes = (long)Math.Min(extents[0], most) * shape.Length;
            if (bytes > Array.MaxLength)
                throw Damaged(path, $"{bytes:N0} bytes of `{ArrayName}` are asked for, and {Array.MaxLength:N0} fit");
            var pixels = new byte[bytes];
            stream.ReadExactly(pixels);
            checksum = Crc32.Of(pixels, checksum);
            var rest = new byte[1 << 16];
            for (int got; (got = stream.Read(rest)) > 0;)
                checksum = Crc32.Of(rest.AsSpan(0, got), checksum);
            return checksum == entry.Crc32 ? new ImageBytes(shape, pixels) : throw Damaged(path, "its checksum is wrong");
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(path, "it is no ZIP archive, damaged or cut short");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GanException(ExitCode.Data, $"'{path}' can't be read: {fault.Message.TrimEnd('.')}. Check the file and its permissions.", fault);
        }
    }

    private static (string Text, int Length) Header(string path, Stream stream, ref uint checksum)
    {
        Span<byte> magic = stackalloc byte[8], size = stackalloc byte[4];
        stream.ReadExactly(magic);
        if (magic[0] != 0x93 || !magic[1..6].SequenceEqual("NUMPY"u8) || magic[6] is < 1 or > 3)
            throw Damaged(path, $"`{ArrayName}` is no array of NumPy's format 1 to 3");
        size.Clear();
        var sizeBytes = size[..(magic[6] == 1 ? 2 : 4)];
        stream.ReadExactly(sizeBytes);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestText)
            throw Damaged(path, $"the header of `{ArrayName}` claims {length:N0} bytes, and more than {LongestText:N0} are read of none");
        var text = new byte[length];
        stream.ReadExactly(text);
        checksum = Crc32.Of(text, Crc32.Of(sizeBytes, Crc32.Of(magic)));
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
            throw Damaged(path, $"`{ArrayName}` is of the type {type.Groups[1].Value}, and uint8 from 0 to 255 is needed");
        if (order.Groups[1].Value == "True")
            throw Damaged(path, $"`{ArrayName}` lies in Fortran's order; `numpy.ascontiguousarray` puts it into C's");
        return [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int extent)
                ? extent
                : throw Damaged(path, $"`{ArrayName}` has an extent of {part}, which is too large"))];
    }

    private static bool Fits(int[] extents, PictureShape shape) => extents is [> 0, var height, var width, .. var channels]
        && (height, width) == (shape.Height, shape.Width)
        && (channels is [] ? shape.Channels == 1 : channels is [var c] && c == shape.Channels);

    private static string Describe(PictureShape shape) => $"{shape.Height},{shape.Width}{(shape.Channels == 1 ? "" : $",{shape.Channels}")}";

    private static string Names(ZipArchive archive)
    {
        const int Listed = 5;
        string[] names = [.. archive.Entries.Take(Listed).Select(entry => $"`{entry.FullName}`")];
        return names.Length == 0 ? "nothing" : string.Join(", ", names) + (archive.Entries.Count > Listed ? " and others" : "");
    }

    private static GanException Damaged(string path, string why) =>
        new(ExitCode.Data, $"{path} holds no pictures that can be judged: {why}.");

    [GeneratedRegex(@"'descr': *'([^']*)'")]
    private static partial Regex TypeText();

    [GeneratedRegex("'fortran_order': *(True|False)")]
    private static partial Regex OrderText();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex ShapeText();
}

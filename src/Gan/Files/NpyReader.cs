using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

// entry NAME.npy: magic, version u8 u8, length of the text u16 (u32 from version 2 on), text, values

/// <summary>Reads an array of an archive of NumPy's from its start to its end, and checks it against the archive's checksum.</summary>
internal sealed partial class NpyReader : IDisposable
{
    private const int MaxTextLength = 10_000;

    private readonly string _path, _name;
    private readonly Stream _stream;
    private readonly uint _expected;
    private readonly Crc32 _checksum = new();

    /// <summary>Opens an array, and reads its header.</summary>
    /// <param name="path">The archive's path, for messages.</param>
    /// <param name="entry">The array's entry.</param>
    /// <exception cref="GanException">Data: it is no array.</exception>
    public NpyReader(string path, ZipArchiveEntry entry)
    {
        (_path, _name, _stream, _expected) = (path, Path.GetFileNameWithoutExtension(entry.FullName), entry.Open(), entry.Crc32);
        string text = Header(out int headerLength);
        // {'descr': '|u1', 'fortran_order': False, 'shape': (9, 28, 28), }
        var type = TypeText().Match(text);
        var order = OrderText().Match(text);
        var shape = ShapeText().Match(text);
        if (!type.Success || !order.Success || !shape.Success)
            throw Damaged($"the header of `{_name}` is not what NumPy writes");
        if (order.Groups[1].Value == "True")
            throw Damaged($"`{_name}` is in Fortran order; convert it with `numpy.ascontiguousarray`");
        Type = type.Groups[1].Value;
        Shape = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int extent)
                ? extent
                : throw Damaged($"`{_name}` has an extent of {part}, which is too large"))];
        Length = entry.Length - headerLength;
        if (entry.Length > new FileInfo(path).Length * Deflate.MaxExpansion)
            throw Damaged($"`{_name}` claims {entry.Length:N0} bytes, more than the file can hold");
    }

    /// <summary>NumPy's name of the type, such as `|u1`.</summary>
    public string Type { get; }

    /// <summary>The extents.</summary>
    public int[] Shape { get; }

    /// <summary>Bytes of all values, as the archive says.</summary>
    public long Length { get; }

    /// <summary>Refuses an array that doesn't hold bytes, or other ones than its extents say.</summary>
    /// <exception cref="GanException">Data: it doesn't.</exception>
    public void RequireBytes()
    {
        if (Type is not ("|u1" or "u1" or "<u1" or ">u1"))
            throw Damaged($"`{_name}` has the type {Type}, and uint8 is needed");
        if (Shape.Aggregate(1.0, (product, extent) => product * extent) != Length)
            throw Damaged($"[{string.Join(',', Shape)}] doesn't match the {Length:N0} bytes of `{_name}`");
    }

    /// <summary>Reads the next values.</summary>
    public void Read(Span<byte> values)
    {
        _stream.ReadExactly(values);
        _checksum.Append(values);
    }

    /// <summary>Reads all values, a row of texts.</summary>
    /// <exception cref="GanException">Data: they are no texts, too many, or damaged.</exception>
    public string[] Texts()
    {
        const int MaxBytes = 1 << 24, MaxTexts = 1 << 16;
        if (Shape is not [var count] || !Type.StartsWith("<U", StringComparison.Ordinal)
            || !int.TryParse(Type.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            || width < 1 || count > MaxTexts || Length > MaxBytes || (long)count * width * sizeof(int) != Length)
        {
            throw Damaged($"`{_name}` is no array of texts, or of too many");
        }
        var values = new byte[Length];
        Read(values);
        Finish();
        return [.. Enumerable.Range(0, count)
            .Select(i => Encoding.UTF32.GetString(values, i * width * sizeof(int), width * sizeof(int)).TrimEnd('\0'))
            .Select(Plural.Printable)];
    }

    /// <summary>Reads all bytes, UTF-8, as lines.</summary>
    /// <exception cref="GanException">Data: they are no bytes, too many, or damaged.</exception>
    public string[] Lines()
    {
        const int MaxBytes = 1 << 26;
        RequireBytes();
        if (Length > MaxBytes)
            throw Damaged($"`{_name}` has {Length:N0} bytes, and at most {MaxBytes:N0} are read");
        var values = new byte[Length];
        Read(values);
        Finish();
        return [.. Encoding.UTF8.GetString(values).Split('\n').Select(Plural.Printable)];
    }

    /// <summary>Reads what is left, and compares the checksum.</summary>
    /// <exception cref="GanException">Data: it is another one.</exception>
    public void Finish()
    {
        var rest = new byte[1 << 16];
        for (int got; (got = _stream.Read(rest)) > 0;)
            _checksum.Append(rest.AsSpan(0, got));
        if (_checksum.GetCurrentHashAsUInt32() != _expected)
            throw Damaged("its checksum is wrong");
    }

    /// <summary>Makes the exception for an archive that can't be used.</summary>
    public static GanException Damaged(string path, string why) => new(ExitCode.Data, $"{path} can't be used: {why}.");

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private GanException Damaged(string why) => Damaged(_path, why);

    private string Header(out int headerLength)
    {
        Span<byte> magic = stackalloc byte[8], size = stackalloc byte[4];
        Read(magic);
        if (magic[0] != 0x93 || !magic[1..6].SequenceEqual("NUMPY"u8) || magic[6] is < 1 or > 3)
            throw Damaged($"`{_name}` is no array of NumPy's formats 1 to 3");
        size.Clear();
        var sizeBytes = size[..(magic[6] == 1 ? 2 : 4)];
        Read(sizeBytes);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > MaxTextLength)
            throw Damaged($"the header of `{_name}` claims {length:N0} bytes; at most {MaxTextLength:N0} are supported");
        var text = new byte[length];
        Read(text);
        headerLength = magic.Length + sizeBytes.Length + text.Length;
        return Encoding.Latin1.GetString(text);
    }

    [GeneratedRegex(@"'descr': *'([^']*)'")]
    private static partial Regex TypeText();

    [GeneratedRegex("'fortran_order': *(True|False)")]
    private static partial Regex OrderText();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex ShapeText();
}

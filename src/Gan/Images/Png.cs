using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Images;

// file: signature, chunks [length u32, type 4 letters, data, CRC-32 of type and data]; all numbers big-endian
// IDAT, inflated: per row one filter byte, then width·channels bytes, each less what its neighbours predict

/// <summary>
/// Writes and reads 8-bit grey and RGB PNG files without interlacing (W3C, Portable Network Graphics, second edition). The same picture
/// gives the same bytes.
/// </summary>
public static class Png
{
    // a larger file would only fill the memory
    private const int MaxBytes = 1 << 28;

    private const int Filters = 5;

    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>Writes a picture; each row with the filter of the smallest sum of residues.</summary>
    public static void Write(Stream stream, Image image)
    {
        stream.Write(Signature);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = image.Channels == 1 ? (byte)0 : (byte)2;
        header[10..].Clear();
        WriteChunk(stream, "IHDR"u8, header);

        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(zlib, image);
        WriteChunk(stream, "IDAT"u8, data.GetBuffer().AsSpan(0, (int)data.Length));
        WriteChunk(stream, "IEND"u8, []);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="GanException">Data: the file is missing, damaged, or another kind of PNG.</exception>
    public static Image Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {e.Message.TrimEnd('.')}. Check its permissions.", e);
        }
    }

    /// <summary>
    /// Reads one picture, to the end of its IEND chunk. Memory is bounded by the length of the stream, whatever its header claims.
    /// Ancillary chunks, such as transparency and colour profiles, are skipped.
    /// </summary>
    /// <param name="stream">The file.</param>
    /// <param name="name">The name of the picture in errors.</param>
    /// <exception cref="GanException">Data: the file is damaged, or another kind of PNG.</exception>
    public static Image Read(Stream stream, string name = "the picture")
    {
        Span<byte> signature = stackalloc byte[8];
        if (stream.ReadAtLeast(signature, 8, throwOnEndOfStream: false) < 8 || !signature.SequenceEqual(Signature))
            throw Refused(name, "is not a PNG file: the signature is missing");

        var (type, data) = ReadChunk(stream, name);
        if (type != "IHDR" || data.Length != 13)
            throw Damaged(name, "its first chunk is not the header IHDR");
        var (width, height, channels) = ReadHeader(data, name);

        using var compressed = new MemoryStream();
        for ((type, data) = ReadChunk(stream, name); type != "IEND"; (type, data) = ReadChunk(stream, name))
        {
            if (type == "IDAT")
                compressed.Write(data);
            else if (char.IsAsciiLetterUpper(type[0]) && type != "PLTE")
                throw Refused(name, $"has an unknown critical chunk {type}; save it again as an ordinary PNG");
        }

        long bytes = (width * channels + 1) * height;
        if (bytes > compressed.Length * Deflate.MaxExpansion)
            throw Damaged(name, $"its header says {width}x{height} pixels, more than {compressed.Length} bytes of data can hold");
        compressed.Position = 0;
        return ReadRows(compressed, (int)width, (int)height, channels, name);
    }

    private static void WriteRows(Stream stream, Image image)
    {
        int length = image.Width * image.Channels;
        var line = new byte[1 + length];
        ReadOnlySpan<byte> above = new byte[length];
        for (int y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            line[0] = BestFilter(row, above, image.Channels);
            Filter(line[0], row, above, image.Channels, line.AsSpan(1));
            stream.Write(line);
            above = row;
        }
    }

    private static Image ReadRows(Stream compressed, int width, int height, int channels, string name)
    {
        int length = width * channels;
        var pixels = new byte[length * height];
        var line = new byte[1 + length];
        ReadOnlySpan<byte> above = new byte[length];
        try
        {
            using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
            for (int y = 0; y < height; y++)
            {
                if (zlib.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) < line.Length)
                    throw Damaged(name, $"its data end in row {y} of {height}");
                if (line[0] >= Filters)
                    throw Damaged(name, $"row {y} has the filter {line[0]}; known are 0 to {Filters - 1}");
                var row = pixels.AsSpan(y * length, length);
                Unfilter(line[0], line.AsSpan(1), above, channels, row);
                above = row;
            }
            if (zlib.ReadByte() >= 0)
                throw Damaged(name, $"its data are longer than the {height} rows of its header");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Damaged(name, "its data can't be inflated", e);
        }
        return new Image(width, height, channels, pixels);
    }

    // the smallest sum of absolute differences, as section 12.8 recommends; all five in one pass, because most of the time is spent here
    private static byte BestFilter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step)
    {
        Span<int> sums = stackalloc int[Filters];
        sums.Clear();
        for (int i = 0; i < row.Length; i++)
        {
            int x = row[i], up = above[i], left = 0, upLeft = 0;
            if (i >= step)
                (left, upLeft) = (row[i - step], above[i - step]);
            sums[0] += Size(x);
            sums[1] += Size(x - left);
            sums[2] += Size(x - up);
            sums[3] += Size(x - (left + up) / 2);
            sums[4] += Size(x - Paeth(left, up, upLeft));
        }
        byte best = 0;
        for (byte filter = 1; filter < Filters; filter++)
        {
            if (sums[filter] < sums[best])
                best = filter;
        }
        return best;
    }

    private static int Size(int difference) => Math.Abs((int)(sbyte)difference);

    // row[length] above[length]; i - step is the same channel of the left neighbour
    private static void Filter(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> residues)
    {
        for (int i = 0; i < row.Length; i++)
        {
            residues[i] = i < step
                ? (byte)(row[i] - Predict(filter, 0, above[i], 0))
                : (byte)(row[i] - Predict(filter, row[i - step], above[i], above[i - step]));
        }
    }

    private static void Unfilter(int filter, ReadOnlySpan<byte> residues, ReadOnlySpan<byte> above, int step, Span<byte> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = i < step
                ? (byte)(residues[i] + Predict(filter, 0, above[i], 0))
                : (byte)(residues[i] + Predict(filter, row[i - step], above[i], above[i - step]));
        }
    }

    private static int Predict(int filter, int left, int up, int upLeft) => filter switch
    {
        0 => 0,
        1 => left,
        2 => up,
        3 => (left + up) / 2,
        _ => Paeth(left, up, upLeft),
    };

    // the neighbour nearest to left + up - upLeft; ties go to left, then up (section 9.4)
    private static int Paeth(int left, int up, int upLeft)
    {
        int toLeft = Math.Abs(up - upLeft), toUp = Math.Abs(left - upLeft), toUpLeft = Math.Abs(left + up - 2 * upLeft);
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }

    private static (long Width, long Height, int Channels) ReadHeader(ReadOnlySpan<byte> header, string name)
    {
        long width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw Damaged(name, $"its header says {width}x{height} pixels");
        if (header[8] != 8 || header[9] is not (0 or 2) || header[12] != 0)
        {
            string kind = header[9] switch
            {
                0 => "grey",
                2 => "RGB",
                3 => "palette",
                4 => "grey and alpha",
                6 => "RGB and alpha",
                _ => "an unknown colour type",
            };
            string interlaced = header[12] == 0 ? "" : ", interlaced";
            throw Refused(
                name,
                $"is another kind of PNG ({header[8]} bits, {kind}{interlaced}); convert it to 8-bit grey or RGB without interlacing");
        }
        if (header[10] != 0 || header[11] != 0)
            throw Damaged(name, $"its header names compression {header[10]} and filtering {header[11]}; PNG has only 0");
        if (width * height > MaxBytes / 3)
            throw Refused(name, $"has {width}x{height} pixels, more than {MaxBytes / 3}; make it smaller");
        return (width, height, header[9] == 0 ? 1 : 3);
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(data, Crc32.Of(type)));
        stream.Write(number);
    }

    private static (string Type, byte[] Data) ReadChunk(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[8];
        if (stream.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8)
            throw Damaged(name, "it ends before its closing chunk IEND");
        long length = BinaryPrimitives.ReadUInt32BigEndian(head);
        string type = Encoding.Latin1.GetString(head[4..]);
        if (length > int.MaxValue || !type.All(char.IsAsciiLetter))
            throw Damaged(name, "a chunk has no valid type");

        // in pieces: memory is allocated only as bytes arrive
        using var data = new MemoryStream();
        var piece = new byte[Math.Min(length, 1 << 16)];
        while (data.Length < length)
        {
            int read = stream.Read(piece, 0, (int)Math.Min(piece.Length, length - data.Length));
            if (read == 0)
                throw Damaged(name, $"its chunk {type} ends after {data.Length} of {length} bytes");
            data.Write(piece, 0, read);
        }

        Span<byte> crc = stackalloc byte[4];
        if (stream.ReadAtLeast(crc, 4, throwOnEndOfStream: false) < 4)
            throw Damaged(name, $"its chunk {type} has no checksum");
        var bytes = data.ToArray();
        if (BinaryPrimitives.ReadUInt32BigEndian(crc) != Crc32.Of(bytes, Crc32.Of(head[4..])))
            throw Damaged(name, $"its chunk {type} doesn't match its checksum");
        return (type, bytes);
    }

    private static GanException Refused(string name, string why) => new(ExitCode.Data, $"{name} {why}.");

    private static GanException Damaged(string name, string why, Exception? inner = null) =>
        new(ExitCode.Data, $"{name} is a damaged PNG: {why}. Get the file again.", inner);
}

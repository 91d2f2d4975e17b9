using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GanFromScratch.Gan.Files;

/// <summary>An array of NumPy's: bytes, or texts.</summary>
/// <param name="Name">Its name in an archive.</param>
/// <param name="Type">NumPy's name of the type: `|u1`, or `&lt;U12` for texts of at most 12 characters.</param>
/// <param name="Shape">The extents.</param>
/// <param name="Values">The bytes, row-major.</param>
public sealed record NpyArray(string Name, string Type, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Values)
{
    /// <summary>Makes an array of bytes.</summary>
    /// <exception cref="ArgumentException">A number of bytes that doesn't match the shape.</exception>
    public static NpyArray OfBytes(string name, IReadOnlyList<int> shape, ReadOnlyMemory<byte> values)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return count == values.Length
            ? new NpyArray(name, "|u1", shape, values)
            : throw new ArgumentException($"Npz: {values.Length} bytes don't fill [{string.Join(',', shape)}]");
    }

    /// <summary>Makes an array of texts, each padded with zeros to the length of the longest.</summary>
    public static NpyArray OfTexts(string name, IReadOnlyList<string> texts)
    {
        byte[][] characters = [.. texts.Select(text => Encoding.UTF32.GetBytes(text))]; // little-endian, without a mark
        int width = characters.Select(text => text.Length).Append(sizeof(int)).Max();
        var values = new byte[texts.Count * width];
        for (int i = 0; i < characters.Length; i++)
            characters[i].CopyTo(values, i * width);
        return new NpyArray(name, $"<U{width / sizeof(int)}", [texts.Count], values);
    }
}

/// <summary>Writes NumPy's archives of arrays (numpy.lib.format 1.0 in a ZIP), which `numpy.load` reads.</summary>
public static class Npz
{
    /// <summary>Writes arrays. The same arrays give the same bytes.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="compression">How they are packed.</param>
    /// <param name="arrays">The arrays.</param>
    public static void Write(Stream stream, CompressionLevel compression, params IEnumerable<NpyArray> arrays)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var array in arrays)
        {
            var entry = archive.CreateEntry($"{array.Name}.npy", compression);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var file = entry.Open();
            file.Write(Header(array));
            file.Write(array.Values.Span);
        }
    }

    // magic, version, length of the text u16, the text padded with spaces to a multiple of 64
    private static byte[] Header(NpyArray array)
    {
        string extents = string.Join(", ", array.Shape) + (array.Shape.Count == 1 ? "," : "");
        string text = $"{{'descr': '{array.Type}', 'fortran_order': False, 'shape': ({extents}), }}";
        byte[] header = new byte[(10 + text.Length + 1 + 63) / 64 * 64];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY"u8.CopyTo(header.AsSpan(1));
        (header[6], header[7]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(header.Length - 10));
        Encoding.ASCII.GetBytes(text).CopyTo(header, 10);
        header[^1] = (byte)'\n';
        return header;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GanFromScratch.Gan.Files;

/// <summary>Writes NumPy's archives of arrays (numpy.lib.format 1.0 in a ZIP), which `numpy.load` reads.</summary>
public static class Npz
{
    /// <summary>Writes one array of bytes, row-major.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="name">The array's name.</param>
    /// <param name="shape">The array's extents.</param>
    /// <param name="values">The array's bytes.</param>
    /// <exception cref="ArgumentException">A number of bytes that doesn't match the shape.</exception>
    public static void Write(Stream stream, string name, ReadOnlySpan<int> shape, ReadOnlySpan<byte> values)
    {
        long count = 1;
        foreach (int size in shape)
            count *= size;
        if (count != values.Length)
            throw new ArgumentException($"Npz: {values.Length} bytes don't fill [{string.Join(',', shape.ToArray())}]");
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        var entry = archive.CreateEntry($"{name}.npy", CompressionLevel.Fastest);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the same array gives the same bytes
        using var array = entry.Open();
        array.Write(Header(shape));
        array.Write(values);
    }

    // magic, version, length of the text u16, the text padded with spaces to a multiple of 64
    private static byte[] Header(ReadOnlySpan<int> shape)
    {
        string extents = string.Join(", ", shape.ToArray()) + (shape.Length == 1 ? "," : "");
        string text = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({extents}), }}";
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

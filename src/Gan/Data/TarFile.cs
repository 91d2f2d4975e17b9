using System.Text;

namespace GanFromScratch.Gan.Data;

// archive: entries [header 512, content, zeros up to a multiple of 512], then blocks of zeros
// header: name [100], ..., size [12] at 124 in octal digits, ..., checksum [8] at 148, kind [1] at 156

/// <summary>
/// Reads files of a tar archive, which may be malicious. .NET's own reader isn't used: it takes as much memory for an entry's long name as
/// its header claims, gigabytes for a file of two kilobytes.
/// </summary>
internal static class TarFile
{
    private const int Block = 512, NameLength = 100, SizeAt = 124, SizeLength = 12, SumAt = 148, SumLength = 8, KindAt = 156;

    /// <summary>Reads the files with certain names, in whatever folder of the archive, and the archive to its end.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="names">The names that count.</param>
    /// <param name="max">The most bytes that the archive may have.</param>
    /// <returns>The content of each of these files that is there.</returns>
    /// <exception cref="InvalidDataException">The archive is damaged or too long.</exception>
    /// <exception cref="EndOfStreamException">The archive is cut short.</exception>
    public static Dictionary<string, byte[]> Read(Stream archive, IReadOnlyList<string> names, long max)
    {
        var found = new Dictionary<string, byte[]>();
        var header = new byte[Block];
        long left = max;
        while (true)
        {
            archive.ReadExactly(header);
            if (!header.AsSpan().ContainsAnyExcept((byte)0))
                break;
            long size = SizeOf(header), padded = (size + Block - 1) / Block * Block;
            left -= Block + padded;
            if (left < 0)
                throw new InvalidDataException("an entry is longer than the archive can be");
            string name = Text(header.AsSpan(0, NameLength)).Split('/')[^1];
            if (header[KindAt] is 0 or (byte)'0' && names.Contains(name))
            {
                archive.ReadExactly(found[name] = new byte[size]);
                padded -= size;
            }
            Skip(archive, padded);
        }
        while (archive.Read(header) is > 0 and var got) // gzip checks its checksum at the end
        {
            left -= got;
            if (left < 0)
                throw new InvalidDataException("the archive goes on and on");
        }
        return found;
    }

    private static long SizeOf(byte[] header)
    {
        int sum = header.Index().Sum(at => at.Index is >= SumAt and < SumAt + SumLength ? ' ' : at.Item);
        return Octal(header.AsSpan(SumAt, SumLength)) == sum
            ? Octal(header.AsSpan(SizeAt, SizeLength))
            : throw new InvalidDataException("an entry's checksum is wrong");
    }

    // at most 12 digits of 3 bits
    private static long Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (char digit in Text(field).Trim(' '))
            value = (8 * value) + (digit is >= '0' and <= '7' ? digit - '0' : throw new InvalidDataException("a number isn't octal"));
        return value;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    private static void Skip(Stream archive, long count)
    {
        var piece = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= piece.Length)
            archive.ReadExactly(piece, 0, (int)Math.Min(count, piece.Length));
    }
}

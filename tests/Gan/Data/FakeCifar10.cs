using System.Formats.Tar;
using System.Text;

namespace GanFromScratch.Tests;

/// <summary>Small batch files of CIFAR-10's binary form, and archives of them.</summary>
internal static class FakeCifar10
{
    public const int Record = 3073;

    /// <summary>So many records: labels count up from `first`, red is the label, green 100, blue counts over the plane.</summary>
    public static byte[] Records(int count, int first = 0)
    {
        var bytes = new byte[count * Record];
        for (int n = 0; n < count; n++)
        {
            var record = bytes.AsSpan(n * Record, Record);
            byte label = (byte)((first + n) % 10);
            record[0] = label;
            record.Slice(1, 1024).Fill(label);
            record.Slice(1025, 1024).Fill(100);
            for (int i = 0; i < 1024; i++)
                record[2049 + i] = (byte)i;
        }
        return bytes;
    }

    /// <summary>The same pictures as records of CIFAR-100, whose labels count up to 99 behind a coarse one of 19.</summary>
    public static byte[] Records100(int count, int first = 0) =>
        [.. Records(count, first).Chunk(Record).Index().SelectMany(r => (byte[])[19, (byte)((first + r.Index) % 100), .. r.Item[1..]])];

    /// <summary>An archive with a folder, a file beside the records, and these files, as .NET's own writer makes it.</summary>
    public static byte[] Tar(string folder, params (string Name, byte[] Content)[] files) => Tar(TarEntryFormat.Ustar, folder, files);

    /// <summary>The same in another of tar's formats.</summary>
    public static byte[] Tar(TarEntryFormat format, string folder, params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, format, leaveOpen: true))
        {
            Put(TarEntryType.Directory, $"{folder}/", null);
            Put(TarEntryType.RegularFile, $"{folder}/{new string('n', 90)}/readme.html", [.. "text"u8]);
            foreach (var (name, content) in files)
                Put(TarEntryType.RegularFile, $"{folder}/{name}", content);

            void Put(TarEntryType type, string name, byte[]? content)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                    TarEntryFormat.Pax => new PaxTarEntry(type, name),
                    _ => new GnuTarEntry(type, name),
                };
                if (content is not null)
                    entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }
        return bytes.ToArray();
    }

    /// <summary>Puts the checksum of an entry's header right, [512].</summary>
    public static void SignHeader(Span<byte> header)
    {
        var field = header.Slice(148, 8);
        field.Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
            sum += value;
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0").CopyTo(field);
    }
}

namespace GanFromScratch.Tests;

/// <summary>Small batch files of CIFAR-10's binary form.</summary>
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
}

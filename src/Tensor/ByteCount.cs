using System.Globalization;

namespace GanFromScratch.Tensors;

/// <summary>Formats sizes of memory.</summary>
public static class ByteCount
{
    private const double Kib = 1 << 10, Mib = 1 << 20, Gib = 1 << 30;

    /// <summary>Returns a size such as `4.0 GiB`, `1.5 MiB`, `256 bytes`.</summary>
    public static string Describe(ulong bytes) => bytes switch
    {
        >= (ulong)Gib => string.Create(CultureInfo.InvariantCulture, $"{bytes / Gib:0.0} GiB"),
        >= (ulong)Mib => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mib:0.0} MiB"),
        >= (ulong)Kib => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kib:0.0} KiB"),
        _ => $"{bytes} bytes",
    };
}

namespace GanFromScratch.Gan.Files;

/// <summary>What is known of deflate (RFC 1951), which gzip, PNG and ZIP pack by, before anything is unpacked.</summary>
internal static class Deflate
{
    /// <summary>The most bytes that a packed one can hold: deflate's best is 258 bytes for 2 bits.</summary>
    public const int MostExpansion = 1032;
}

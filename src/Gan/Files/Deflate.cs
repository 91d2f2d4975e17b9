namespace GanFromScratch.Gan.Files;

/// <summary>The limits of deflate (RFC 1951), the compression of gzip, PNG and ZIP.</summary>
internal static class Deflate
{
    /// <summary>The largest number of bytes that one compressed byte can hold: at best, 2 bits encode 258 bytes.</summary>
    public const int MaxExpansion = 1032;
}

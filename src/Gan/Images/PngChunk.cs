using System.Buffers.Binary;

namespace GanFromScratch.Gan.Images;

/// <summary>A part of a PNG file: length, type, data, checksum.</summary>
/// <param name="Type">The four letters of its type.</param>
/// <param name="Start">The position of its length.</param>
/// <param name="End">The position after its checksum.</param>
internal readonly record struct PngChunk(string Type, long Start, long End)
{
    /// <summary>Returns the whole chunks of a PNG file, in their order.</summary>
    public static IEnumerable<PngChunk> Of(Stream png)
    {
        var head = new byte[8];
        long start = InterlacedPng.Signature.Length;
        while (true)
        {
            png.Position = start;
            if (png.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
                yield break;
            long end = png.Position + BinaryPrimitives.ReadUInt32BigEndian(head) + 4;
            if (end > png.Length)
                yield break;
            yield return new PngChunk(System.Text.Encoding.ASCII.GetString(head, 4, 4), start, end);
            start = end;
        }
    }

    /// <summary>
    /// Returns a PNG file without its packed texts, or the same where there are none: a decoder unpacks them, which can be a thousand times
    /// their size, and nobody reads them.
    /// </summary>
    /// <param name="png">A file that has its end.</param>
    public static Stream WithoutTexts(Stream png)
    {
        if (!Of(png).Any(IsText))
            return png;
        var kept = new MemoryStream();
        kept.Write(InterlacedPng.Signature);
        foreach (var chunk in Of(png).Where(chunk => !IsText(chunk)))
        {
            var bytes = new byte[chunk.End - chunk.Start];
            png.Position = chunk.Start;
            png.ReadExactly(bytes);
            kept.Write(bytes);
        }
        return kept;

        static bool IsText(PngChunk chunk) => chunk.Type is "zTXt" or "iTXt";
    }
}

using System.Buffers.Binary;

namespace GanFromScratch.Gan.Images;

/// <summary>Whether a picture's file has its end. Of one that is cut short, decoders make half a picture without a word.</summary>
internal static class FileEnd
{
    private const int BmpHeader = 34;
    private const byte Mark = 0xFF, StartOfScan = 0xDA, EndOfImage = 0xD9, Temporary = 0x01, FirstRestart = 0xD0, LastRestart = 0xD7;

    /// <summary>Whether the file has its end, or is of a kind whose decoder looks for it. Reads it from its beginning.</summary>
    public static bool IsThere(Stream file)
    {
        Span<byte> head = stackalloc byte[BmpHeader];
        int got = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (head.StartsWith(InterlacedPng.Signature))
            return PngChunk.Of(file).Any(chunk => chunk.Type == "IEND");
        if (head is [Mark, 0xD8, Mark, ..])
            return HasEndOfJpeg(file);
        if (head.StartsWith("BM"u8))
            return file.Length >= Math.Max(StartOfBmp(head), EndOfBmp(head));
        bool isWebp = got >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8);
        return !isWebp || file.Length >= 8L + BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
    }

    // where the pixels begin: what lies before them is a palette, however large, to a decoder
    private static long StartOfBmp(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt32LittleEndian(head[10..]);

    // rows of whole words; the last one needn't be filled up. Packed pixels have an end of their own.
    private static long EndOfBmp(ReadOnlySpan<byte> head)
    {
        const int Info = 40, Unpacked = 0, Masked = 3;
        int kind = BinaryPrimitives.ReadInt32LittleEndian(head[14..]), packing = BinaryPrimitives.ReadInt32LittleEndian(head[30..]);
        if (kind < Info || packing is not (Unpacked or Masked))
            return 0;
        long width = BinaryPrimitives.ReadInt32LittleEndian(head[18..]), bits = width * BinaryPrimitives.ReadUInt16LittleEndian(head[28..]);
        long height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(head[22..]));
        return StartOfBmp(head) + ((height - 1) * ((bits + 31) / 32 * 4)) + ((bits + 7) / 8);
    }

    // segments: FF, a marker, mostly a length with data; after a scan's one, coded data in which FF is followed by 0
    private static bool HasEndOfJpeg(Stream file)
    {
        file.Position = 2;
        var bytes = new BufferedStream(file, 1 << 16);
        while (true)
        {
            int next = bytes.ReadByte();
            while (next is not (-1 or Mark))
                next = bytes.ReadByte();
            while (next == Mark)
                next = bytes.ReadByte();
            if (next is -1 or EndOfImage)
                return next == EndOfImage;
            if (next is 0 or Temporary or (>= FirstRestart and <= LastRestart))
                continue;
            int high = bytes.ReadByte(), low = bytes.ReadByte(), length = (high << 8) | low;
            if (low < 0)
                return false;
            if (next != StartOfScan) // its few bytes hold no FF
                bytes.Position += Math.Max(0, length - 2);
        }
    }
}

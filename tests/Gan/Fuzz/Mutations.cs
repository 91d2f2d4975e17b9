using System.Buffers.Binary;
using System.Text;
using GanFromScratch.Kernels;

namespace GanFromScratch.Tests;

/// <summary>
/// Whole files made wrong, as failing disks, broken downloads and malice make them: bits flipped, bytes set, pieces cut, put in, and
/// doubled, numbers made huge. A seed makes the same changes every time.
/// </summary>
internal static class Mutations
{
    private const uint Stream = 1000; // no purpose of the program's
    private const int Most = 4;
    private const int HeaderLength = 512;
    private const int LongestPiece = 64;

    private static readonly Func<byte[], int, RandomStream, byte[]>[] Kinds =
        [FlippedBit, ExtremeBytes, CutOff, CutOut, PutIn, WordPutIn, Doubled, HugeNumber, HugeDigits];

    private static readonly byte[][] Words =
    [
        .. new[] { "null", "true", "-1", "1e999", "[", "]", "{", "}", "\"", ",", "\\", "\\ud800", "\\u0000", "\\n", "\n", "\0", "é" }
            .Select(Encoding.UTF8.GetBytes),
        [.. Enumerable.Repeat((byte)'[', 100)],
        [0xff, 0xfe],
    ];

    private static readonly byte[][] Digits =
    [
        "0"u8.ToArray(), "-1"u8.ToArray(), "2147483647"u8.ToArray(), "2147483648"u8.ToArray(), "4294967296"u8.ToArray(),
        "9223372036854775807"u8.ToArray(), "99999999999999999999"u8.ToArray(), "1e999"u8.ToArray(), "0.5"u8.ToArray(),
    ];

    private static readonly ulong[] Numbers =
    [
        0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff,
        0x8000_0000_0000_0000, ulong.MaxValue
    ];

    /// <summary>A copy with one to four changes.</summary>
    public static byte[] Of(byte[] whole, ulong seed)
    {
        var random = new RandomStream(seed, Stream);
        byte[] bytes = whole;
        for (int left = 1 + random.Below(Most); left > 0 && bytes.Length > 0; left--)
            bytes = Kinds[random.Below(Kinds.Length)](bytes, Place(bytes, random), random);
        return bytes;
    }

    // Headers lie at the beginning, and in archives at the end: half of the changes go there.
    private static int Place(byte[] bytes, RandomStream random)
    {
        int near = random.Below(Math.Min(bytes.Length, HeaderLength));
        return random.Below(4) switch
        {
            0 => near,
            1 => bytes.Length - 1 - near,
            _ => random.Below(bytes.Length),
        };
    }

    private static byte[] FlippedBit(byte[] bytes, int at, RandomStream random) =>
        Replaced(bytes, at, 1, [(byte)(bytes[at] ^ (1 << random.Below(8)))]);

    private static byte[] ExtremeBytes(byte[] bytes, int at, RandomStream random)
    {
        var piece = new byte[Math.Min(1 + random.Below(8), bytes.Length - at)];
        Array.Fill(piece, random.Below(2) == 0 ? byte.MinValue : byte.MaxValue);
        return Replaced(bytes, at, piece.Length, piece);
    }

    private static byte[] CutOff(byte[] bytes, int at, RandomStream random) => bytes[..at];

    private static byte[] CutOut(byte[] bytes, int at, RandomStream random) => Replaced(bytes, at, PieceAt(bytes, at, random), []);

    private static byte[] PutIn(byte[] bytes, int at, RandomStream random)
    {
        var piece = new byte[1 + random.Below(LongestPiece)];
        for (int i = 0; i < piece.Length; i++)
            piece[i] = (byte)random.Below(256);
        return Replaced(bytes, at, 0, piece);
    }

    private static byte[] WordPutIn(byte[] bytes, int at, RandomStream random) => Replaced(bytes, at, 0, Words[random.Below(Words.Length)]);

    private static byte[] Doubled(byte[] bytes, int at, RandomStream random) =>
        Replaced(bytes, Place(bytes, random), 0, bytes.AsSpan(at, PieceAt(bytes, at, random)));

    private static byte[] HugeNumber(byte[] bytes, int at, RandomStream random)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        int size = Math.Min(1 << random.Below(4), bytes.Length - at);
        ulong value = Numbers[random.Below(Numbers.Length)];
        if (random.Below(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            return Replaced(bytes, at, size, number[..size]);
        }
        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        return Replaced(bytes, at, size, number[^size..]);
    }

    // the first number in digits from here on; where there is none, a word
    private static byte[] HugeDigits(byte[] bytes, int at, RandomStream random)
    {
        int first = bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (first < 0)
            return WordPutIn(bytes, at, random);
        int length = bytes.AsSpan(at + first).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return Replaced(bytes, at + first, length < 0 ? bytes.Length - at - first : length, Digits[random.Below(Digits.Length)]);
    }

    private static int PieceAt(byte[] bytes, int at, RandomStream random) => Math.Min(1 + random.Below(LongestPiece), bytes.Length - at);

    private static byte[] Replaced(byte[] bytes, int at, int length, ReadOnlySpan<byte> piece) =>
        [.. bytes.AsSpan(0, at), .. piece, .. bytes.AsSpan(at + length)];
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GanFromScratch.Kernels;

/// <summary>The Philox 4x32-10 rounds: a counter (position, stream) under a key (seed) becomes four random words.</summary>
internal static class Philox
{
    private const uint M0 = 0xD2511F53, M1 = 0xCD9E8D57; // multipliers and key increments of the paper
    private const uint W0 = 0x9E3779B9, W1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Returns the four words of one counter.</summary>
    public static (uint, uint, uint, uint) Block(ulong seed, uint stream, ulong position) =>
        Scramble(seed, (uint)position, (uint)(position >> 32), stream, 0);

    /// <summary>Runs ten rounds over a whole counter of 128 bits.</summary>
    internal static (uint, uint, uint, uint) Scramble(ulong key, uint c0, uint c1, uint c2, uint c3)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)M0 * c0, p1 = (ulong)M1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += W0;
            k1 += W1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>Writes the words of sixteen consecutive counters, word w of counter i at [16·w + i].</summary>
    public static unsafe void SixteenBlocks(ulong seed, uint stream, ulong position, uint* words)
    {
        // A product of 32 by 32 bits needs 64-bit lanes: the even counters are in one register, the odd ones in another.
        if ((uint)position > uint.MaxValue - 16)
        {
            for (int i = 0; i < 16; i++)
                (words[i], words[16 + i], words[32 + i], words[48 + i]) = Block(seed, stream, position + (ulong)i);
            return;
        }
        var c0 = Vector512.Create((uint)position) + Vector512.CreateSequence(0u, 1u);
        var c1 = Vector512.Create((uint)(position >> 32));
        var c2 = Vector512.Create(stream);
        var c3 = Vector512<uint>.Zero;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            var high0 = Multiply(M0, c0, out var low0);
            var high1 = Multiply(M1, c2, out var low1);
            c0 = high1 ^ c1 ^ Vector512.Create(k0);
            c1 = low1;
            c2 = high0 ^ c3 ^ Vector512.Create(k1);
            c3 = low0;
            k0 += W0;
            k1 += W1;
        }
        Vector512.Store(c0, words);
        Vector512.Store(c1, words + 16);
        Vector512.Store(c2, words + 32);
        Vector512.Store(c3, words + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Multiply(uint factor, Vector512<uint> x, out Vector512<uint> low)
    {
        var wide = Vector512.Create((ulong)factor);
        var lowHalf = Vector512.Create(0xffffffffUL);
        var even = (x.AsUInt64() & lowHalf) * wide;
        var odd = (x.AsUInt64() >> 32) * wide;
        low = ((even & lowHalf) | (odd << 32)).AsUInt32();
        return ((even >> 32) | (odd & ~lowHalf)).AsUInt32();
    }
}

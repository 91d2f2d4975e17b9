using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using GanFromScratch.Gan.Data;

namespace GanFromScratch.Tests;

/// <summary>Small files of MNIST's form.</summary>
internal static class FakeMnist
{
    public const int Count = 7;

    public static readonly byte[] Images = Idx(2051, [Count, 28, 28], [.. Enumerable.Range(0, Count * 784).Select(i => (byte)(i * 7))]);
    public static readonly byte[] Labels = Idx(2049, [Count], [.. Enumerable.Range(0, Count).Select(i => (byte)(9 - i))]);

    /// <summary>A part whose published content is the small files'.</summary>
    public static readonly MnistPart Part = new(
        MnistFiles.Training.Images with { Length = Images.Length, Sha256 = Hash(Images) },
        MnistFiles.Training.Labels with { Length = Labels.Length, Sha256 = Hash(Labels) });

    public static byte[] Idx(int magic, int[] sizes, byte[] values)
    {
        var header = new byte[4 + 4 * sizes.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, magic);
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), sizes[i]);
        return [.. header, .. values];
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            stream.Write(content);
        return packed.ToArray();
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

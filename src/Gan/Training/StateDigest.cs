using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// The SHA-256 sum of a run's state: all that a checkpoint holds of the trainer, to the bit, and nothing of files or clocks.
/// </summary>
internal static class StateDigest
{
    /// <summary>
    /// Returns the sum, in hexadecimal digits: of the tensors in the order of their names (name, number of dimensions, dimensions,
    /// elements), then of the texts (name, text). Numbers are little-endian, of 32 bits; a name or a text comes after its number of bytes,
    /// in UTF-8.
    /// </summary>
    public static string Of(Snapshot state)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, shape, data) in state.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Append(sum, name);
            Append(sum, shape.Length);
            foreach (int length in shape)
                Append(sum, length);
            if (BitConverter.IsLittleEndian)
            {
                sum.AppendData(MemoryMarshal.AsBytes(data.Span));
                continue;
            }
            foreach (float value in data.Span)
                Append(sum, BitConverter.SingleToInt32Bits(value));
        }
        foreach (var (name, text) in state.Texts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Append(sum, name);
            Append(sum, text);
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static void Append(IncrementalHash sum, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Append(sum, bytes.Length);
        sum.AppendData(bytes);
    }

    private static void Append(IncrementalHash sum, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        sum.AppendData(bytes);
    }
}

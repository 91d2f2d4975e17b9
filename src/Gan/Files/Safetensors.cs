using System.Buffers.Binary;
using System.Text.Json;

namespace GanFromScratch.Gan.Files;

// file: header length u64, header (JSON, padded with spaces to 8 bytes), then the tensors' floats one after another; little-endian

/// <summary>
/// Writes safetensors files (https://github.com/huggingface/safetensors), float32 only. The same tensors give the same bytes: tensors
/// keep the caller's order, and metadata are sorted by key.
/// </summary>
public static class Safetensors
{
    internal const string MetadataName = "__metadata__";

    /// <summary>Writes named tensors, row-major.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="tensors">Names, all different; shapes ([] is a scalar); values.</param>
    /// <param name="metadata">Texts by key, or null.</param>
    /// <exception cref="ArgumentException">A duplicate or reserved name, or a number of values that doesn't match its shape.</exception>
    public static void Write(
        Stream stream,
        IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        Check(list);
        var header = Header(list, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);

        var buffer = new byte[1 << 16];
        foreach (var (_, _, data) in list)
            WriteFloats(stream, data.Span, buffer);
    }

    private static void Check(IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> tensors)
    {
        var names = new HashSet<string> { MetadataName };
        foreach (var (name, shape, data) in tensors)
        {
            if (!names.Add(name))
                throw new ArgumentException($"Safetensors: the name '{name}' is taken; each tensor needs its own");
            if (shape.Any(size => size < 0) || shape.Aggregate(1L, (product, size) => checked(product * size)) != data.Length)
                throw new ArgumentException($"Safetensors: '{name}' is [{string.Join(',', shape)}] and has {data.Length} values");
        }
    }

    private static byte[] Header(
        List<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataName);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, shape, data) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += (long)data.Length * sizeof(float);
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    private static void WriteFloats(Stream stream, ReadOnlySpan<float> values, byte[] buffer)
    {
        while (values.Length > 0)
        {
            int count = Math.Min(values.Length, buffer.Length / sizeof(float));
            for (int i = 0; i < count; i++)
                BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(i * sizeof(float)), values[i]);
            stream.Write(buffer, 0, count * sizeof(float));
            values = values[count..];
        }
    }
}

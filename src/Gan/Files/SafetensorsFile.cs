using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>The content of a safetensors file: float32 tensors by name, and metadata. Everything is checked as it is read.</summary>
public sealed class SafetensorsFile
{
    private const int MaxHeaderLength = 100_000_000; // the limit of the format's own library
    private const long MaxTensorBytes = 1L << 30;

    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = [];
    private readonly List<string> _order = [];
    private readonly string _path;

    private SafetensorsFile(string path) => _path = path;

    /// <summary>Texts by key.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>All tensors, in the order of their bytes.</summary>
    public IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> Tensors =>
        _order.Select(name => (name, _tensors[name].Shape, (ReadOnlyMemory<float>)_tensors[name].Values));

    /// <summary>Reads a file.</summary>
    /// <exception cref="GanException">Data: the file is missing or damaged.</exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            // a run may replace it
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var file = new SafetensorsFile(path);
            file.Read(stream);
            return file;
        }
        catch (EndOfStreamException)
        {
            throw Damaged(path, "it is cut short");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw FileFault.Unreadable(path, fault);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(path, "its header is not the JSON of the format");
        }
    }

    /// <summary>The values of a tensor, which must have this shape.</summary>
    /// <exception cref="GanException">Data: the tensor is missing, or has another shape.</exception>
    public ReadOnlySpan<float> Values(string name, params ReadOnlySpan<int> shape)
    {
        var found = ShapeOf(name);
        return shape.SequenceEqual(found)
            ? _tensors[name].Values
            : throw Damaged(_path, $"'{name}' is {Text(found)} where {Text(shape)} is needed");
    }

    /// <summary>The extents of a tensor.</summary>
    /// <exception cref="GanException">Data: the tensor is missing.</exception>
    public ReadOnlySpan<int> ShapeOf(string name) =>
        _tensors.TryGetValue(name, out var tensor) ? tensor.Shape : throw Damaged(_path, $"it has no tensor '{name}'");

    /// <summary>Throws if any value is NaN or infinite.</summary>
    /// <exception cref="GanException">Data: one is; the message names the tensor.</exception>
    public void RequireFinite()
    {
        foreach (string name in _order)
        {
            foreach (float value in _tensors[name].Values)
            {
                if (!float.IsFinite(value))
                    throw Damaged(_path, $"'{name}' holds {value.ToString(CultureInfo.InvariantCulture)}, and numbers must be finite");
            }
        }
    }

    /// <summary>A text of the metadata.</summary>
    /// <exception cref="GanException">Data: the key is missing.</exception>
    public string Text(string key) => Metadata.TryGetValue(key, out string? value)
        ? value
        : throw Damaged(_path, $"it has no '{key}', so this program did not write it");

    /// <summary>Makes the exception for a file that is damaged or of another program.</summary>
    internal static GanException Damaged(string path, string why) => new(
        ExitCode.Data, $"{path} is no safetensors file of this program: {why}. Use one that `gan train` wrote.");

    private void Read(FileStream stream)
    {
        using var json = JsonDocument.Parse(ReadHeader(stream));
        RequireMetadataOnce(json.RootElement);
        long start = stream.Position, length = stream.Length - start, next = 0;
        foreach (var entry in json.RootElement.EnumerateObject().OrderBy(Offsets))
        {
            if (entry.NameEquals(Safetensors.MetadataName))
                ReadMetadata(entry.Value);
            else
                next = ReadTensor(stream, entry, start, length, next);
        }
        if (next != length)
            throw Damaged(_path, $"{length - next} bytes at its end belong to no tensor");
    }

    private byte[] ReadHeader(FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong length = BitConverter.ToUInt64(prefix);
        if (length > MaxHeaderLength || length > (ulong)(stream.Length - sizeof(ulong)))
            throw Damaged(_path, $"its header claims {length} bytes, and the file has {stream.Length}");
        var header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }

    private void ReadMetadata(JsonElement texts)
    {
        RequireNamesOnce(Safetensors.MetadataName, texts);
        foreach (var text in texts.EnumerateObject())
            Metadata[text.Name] = text.Value.GetString() ?? "";
    }

    private void RequireMetadataOnce(JsonElement header)
    {
        if (header.EnumerateObject().Count(entry => entry.NameEquals(Safetensors.MetadataName)) > 1)
            throw Damaged(_path, $"it has '{Safetensors.MetadataName}' twice");
    }

    // of two, another reader could take the other one
    private void RequireNamesOnce(string of, JsonElement description)
    {
        var names = new HashSet<string>();
        foreach (var property in description.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw Damaged(_path, $"'{of}' has '{property.Name}' twice");
        }
    }

    // Reads one tensor, whose bytes must begin at `next`, and gives where the following one begins.
    private long ReadTensor(FileStream stream, JsonProperty entry, long start, long length, long next)
    {
        RequireNamesOnce(entry.Name, entry.Value);
        string name = entry.Name, type = entry.Value.GetProperty("dtype").GetString() ?? "";
        if (type != "F32")
            throw Damaged(_path, $"'{name}' has the type {type}; only F32 is supported");
        int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
        var (from, to) = Offsets(entry);
        if (from != next || to < from || to > length)
            throw Damaged(_path, $"'{name}' has the bytes {from} to {to} of {length}, and byte {next} comes next");
        if (to - from > MaxTensorBytes)
            throw Damaged(_path, $"'{name}' has {to - from} bytes; at most {MaxTensorBytes} are supported");
        if (shape.Any(size => size < 0) || shape.Aggregate(sizeof(float), (double bytes, int size) => bytes * size) != to - from)
            throw Damaged(_path, $"'{name}' is {Text(shape)}, which doesn't match its {to - from} bytes");
        var values = new float[(to - from) / sizeof(float)];
        stream.Position = start + from;
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan())); // little-endian, like the machine
        if (!_tensors.TryAdd(name, (shape, values)))
            throw Damaged(_path, $"it has two tensors named '{name}'");
        _order.Add(name);
        return to;
    }

    private static (long From, long To) Offsets(JsonProperty entry)
    {
        if (entry.NameEquals(Safetensors.MetadataName))
            return (-1, -1);
        var offsets = entry.Value.TryGetProperty("data_offsets", out var found) ? found : throw new JsonException();
        return offsets.GetArrayLength() == 2 ? (offsets[0].GetInt64(), offsets[1].GetInt64()) : throw new JsonException();
    }

    private static string Text(ReadOnlySpan<int> shape) => $"[{string.Join(',', shape.ToArray())}]";
}

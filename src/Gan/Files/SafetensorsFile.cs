using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>What a safetensors file holds: float32 tensors by name, and texts. Nothing of it is believed before it was checked.</summary>
public sealed class SafetensorsFile
{
    private const int LongestHeader = 100_000_000; // as the format's own library has it
    private const long LongestTensor = 1L << 30; // bytes

    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = [];
    private readonly List<string> _order = [];
    private readonly string _path;

    private SafetensorsFile(string path) => _path = path;

    /// <summary>Texts that go along.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>All tensors, in the order of their bytes.</summary>
    public IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> Tensors =>
        _order.Select(name => (name, _tensors[name].Shape, (ReadOnlyMemory<float>)_tensors[name].Values));

    /// <summary>Reads a file.</summary>
    /// <exception cref="GanException">Data: it isn't there, or isn't what the format says; the message says where.</exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
            return Read(path, stream);
        }
        catch (EndOfStreamException)
        {
            throw Damaged(path, "it is cut short");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new GanException(ExitCode.Data, $"'{path}' can't be read: {fault.Message.TrimEnd('.')}.", fault);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(path, "its header is not the JSON that the format asks for");
        }
    }

    /// <summary>A tensor's values, which must have this shape.</summary>
    /// <exception cref="GanException">Data: it is missing, or has another shape.</exception>
    public ReadOnlySpan<float> Values(string name, params ReadOnlySpan<int> shape)
    {
        var found = ShapeOf(name);
        return shape.SequenceEqual(found)
            ? _tensors[name].Values
            : throw Damaged(_path, $"'{name}' is [{string.Join(',', found.ToArray())}] where [{string.Join(',', shape.ToArray())}] is needed");
    }

    /// <summary>A tensor's extents.</summary>
    /// <exception cref="GanException">Data: it is missing.</exception>
    public ReadOnlySpan<int> ShapeOf(string name) =>
        _tensors.TryGetValue(name, out var tensor) ? tensor.Shape : throw Damaged(_path, $"it has no tensor '{name}'");

    /// <summary>Refuses NaN and infinity.</summary>
    /// <exception cref="GanException">Data: one is there; the message says in which tensor.</exception>
    public void RequireFinite()
    {
        foreach (string name in _order)
        {
            foreach (float value in _tensors[name].Values)
            {
                if (!float.IsFinite(value))
                    throw Damaged(_path, $"'{name}' holds {value.ToString(CultureInfo.InvariantCulture)}, which no training leaves");
            }
        }
    }

    /// <summary>A text that must be there.</summary>
    /// <exception cref="GanException">Data: it isn't.</exception>
    public string Text(string key) => Metadata.TryGetValue(key, out string? value)
        ? value
        : throw Damaged(_path, $"it doesn't say its '{key}', so this program did not write it");

    /// <summary>What is thrown where a file is not what it should be.</summary>
    internal static GanException Damaged(string path, string why) => new(
        ExitCode.Data, $"{path} is no safetensors file of this program: {why}. Take one that `gan train` wrote.");

    private static SafetensorsFile Read(string path, FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong length = BitConverter.ToUInt64(prefix);
        if (length > LongestHeader || length > (ulong)(stream.Length - sizeof(ulong)))
            throw Damaged(path, $"its header claims {length} bytes, and the file has {stream.Length}");
        var header = new byte[length];
        stream.ReadExactly(header);

        var file = new SafetensorsFile(path);
        long start = stream.Position, end = stream.Length - start, next = 0;
        using var json = JsonDocument.Parse(header);
        foreach (var entry in json.RootElement.EnumerateObject().OrderBy(Offsets))
        {
            if (entry.NameEquals("__metadata__"))
            {
                foreach (var text in entry.Value.EnumerateObject())
                    file.Metadata[text.Name] = text.Value.GetString() ?? "";
                continue;
            }
            string type = entry.Value.GetProperty("dtype").GetString() ?? "";
            if (type != "F32")
                throw Damaged(path, $"'{entry.Name}' is of the type {type}, and only F32 is known here");
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()).ToArray();
            var (from, to) = Offsets(entry);
            if (from != next || to < from || to > end)
                throw Damaged(path, $"'{entry.Name}' lies from byte {from} to {to}, where tensors follow each other in {end} bytes and this one's turn is at {next}");
            if (to - from > LongestTensor)
                throw Damaged(path, $"'{entry.Name}' has {to - from} bytes, more than the {LongestTensor} that are read here");
            if (shape.Any(size => size < 0) || shape.Aggregate(sizeof(float), (double bytes, int size) => bytes * size) != to - from)
                throw Damaged(path, $"'{entry.Name}' is [{string.Join(',', shape)}], which doesn't go with {to - from} bytes");
            var values = new float[(to - from) / sizeof(float)];
            stream.Position = start + from;
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan())); // little-endian, as the machine is
            if (!file._tensors.TryAdd(entry.Name, (shape, values)))
                throw Damaged(path, $"it has two tensors called '{entry.Name}'");
            file._order.Add(entry.Name);
            next = to;
        }
        return next == end ? file : throw Damaged(path, $"{end - next} bytes at its end belong to no tensor");
    }

    private static (long From, long To) Offsets(JsonProperty entry)
    {
        if (entry.NameEquals("__metadata__"))
            return (-1, -1);
        var offsets = entry.Value.TryGetProperty("data_offsets", out var found) ? found : throw new JsonException();
        return offsets.GetArrayLength() == 2 ? (offsets[0].GetInt64(), offsets[1].GetInt64()) : throw new JsonException();
    }
}

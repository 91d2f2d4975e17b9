using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// Everything that a run needs to resume, in a safetensors file that is the same for every device. Its metadata hold a digest of the rest,
/// which tells a file that was changed, by a failing disk or by hand, from one that can be trusted.
/// </summary>
public sealed class Checkpoint : IStateVisitor
{
    private const string FormatVersion = "1", VersionName = "checkpoint_version", DigestName = "sha256";
    private readonly SafetensorsFile _file;

    private Checkpoint(string path, SafetensorsFile file) => (Path, _file) = (path, file);

    /// <summary>The file that it was read from.</summary>
    public string Path { get; }

    /// <summary>Tells whether a safetensors file is a checkpoint.</summary>
    internal static bool Is(SafetensorsFile file) => file.Metadata.ContainsKey(VersionName);

    /// <summary>Writes a checkpoint atomically.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: it can't be written.</exception>
    public static void Write(string path, Snapshot snapshot)
    {
        var metadata = new Dictionary<string, string>(snapshot.Texts) { [VersionName] = FormatVersion };
        metadata[DigestName] = Digest(metadata, snapshot.Tensors);
        AtomicFile.Write(path, stream => Safetensors.Write(stream, snapshot.Tensors, metadata));
    }

    /// <summary>Reads a checkpoint, and checks its digest and that all its numbers are finite.</summary>
    /// <exception cref="GanException">Data: it isn't there, or can't be trusted; the message says why.</exception>
    public static Checkpoint Read(string path)
    {
        var file = SafetensorsFile.Read(path);
        if (!Is(file))
            throw SafetensorsFile.Damaged(path, "it is no checkpoint: nothing in it tells how to go on");
        Require(path, file);
        return new Checkpoint(path, file);
    }

    /// <summary>Checks a checkpoint's digest and numbers.</summary>
    /// <exception cref="GanException">Data: its digest is wrong, or a number isn't finite.</exception>
    internal static void Require(string path, SafetensorsFile file)
    {
        if (file.Text(VersionName) != FormatVersion)
            throw SafetensorsFile.Damaged(path, $"its checkpoint_version is {file.Text(VersionName)}, and {FormatVersion} is known here");
        if (Digest(file.Metadata, file.Tensors) != file.Text(DigestName))
            throw SafetensorsFile.Damaged(path, "its content doesn't go with its digest, so it was changed since it was written");
        file.RequireFinite();
    }

    /// <summary>Returns the SHA-256 sum of a state: of all its texts and tensors, to the bit.</summary>
    internal static string DigestOf(Snapshot state) => Digest(state.Texts, state.Tensors);

    /// <summary>The SHA-256 of everything in it.</summary>
    public string ContentDigest => Text(DigestName);

    /// <summary>Whether its generator has a moving average.</summary>
    public bool HasAverage => _file.Tensors.Any(tensor => tensor.Name.StartsWith(GanModel.AveragePrefix, StringComparison.Ordinal));

    /// <summary>The names of all tensors.</summary>
    public IEnumerable<string> Names => _file.Tensors.Select(tensor => tensor.Name);

    /// <summary>Returns a tensor's extents.</summary>
    /// <exception cref="GanException">Data: there is none of that name.</exception>
    public int[] ShapeOf(string name) => _file.ShapeOf(name).ToArray();

    /// <summary>Returns a text.</summary>
    /// <exception cref="GanException">Data: there is none of that name.</exception>
    public string Text(string name) => _file.Text(name);

    /// <summary>Returns numbers that were saved by <see cref="Snapshot.Values"/>.</summary>
    /// <exception cref="GanException">Data: there are none of that name.</exception>
    public ReadOnlySpan<float> Values(string name) => _file.Values(name, _file.ShapeOf(name));

    /// <inheritdoc/>
    public void VisitTensor(string name, Tensor tensor)
    {
        Span<int> shape = stackalloc int[tensor.Shape.Rank];
        for (int axis = 0; axis < shape.Length; axis++)
            shape[axis] = tensor.Shape[axis];
        tensor.CopyFrom(_file.Values(name, shape));
    }

    /// <inheritdoc/>
    /// <exception cref="GanException">Data: there is no whole number of at least 0 under that name.</exception>
    public long VisitInt64(string name, long value) =>
        long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out long saved)
        ? saved
        : throw SafetensorsFile.Damaged(Path, $"its '{name}' is {Text(name)}, no whole number");

    /// <inheritdoc/>
    public double VisitDouble(string name, double value) =>
        double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double saved)
        ? saved
        : throw SafetensorsFile.Damaged(Path, $"its '{name}' is {Text(name)}, no number");

    // over the texts by name, and over the tensors in the order of the file
    private static string Digest(
        IReadOnlyDictionary<string, string> texts, IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in texts.Where(text => text.Key != DigestName).OrderBy(text => text.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{text}\0"));
        foreach (var (name, shape, data) in tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{string.Join(',', shape)}\0"));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(data.Span)); // little-endian, as the file has them
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

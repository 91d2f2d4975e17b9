using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Runs;

namespace GanFromScratch.Tests;

/// <summary>
/// The readers of files that come from elsewhere, by name: for the coverage-guided fuzzer, and for the suite, which replays the files that
/// the fuzzer has found.
/// </summary>
internal static class Readers
{
    private static readonly Dictionary<string, (string File, Action<string> Read)> All = new()
    {
        ["safetensors"] = ("a.safetensors", path => Gan.Files.SafetensorsFile.Read(path)),
        ["npz"] = ("a.npz", path => NpzFile.Read(path)),
        ["pack"] = ("a.npz", Open),
        ["zip"] = ("a.zip", Open),
        ["idx"] = ("i", path => IdxFile.ReadImages(path)),
        ["idx-gzip"] = ("i.gz", path => IdxFile.ReadImages(path)),
        ["cifar"] = ("data_batch_1.bin", ReadCifar),
        ["tar"] = ("cifar-10-binary.tar", ReadCifar),
        ["png"] = ("p", path => ImageFiles.Read(path)),
        ["jpeg"] = ("p", path => ImageFiles.Read(path)),
        ["bmp"] = ("p", path => ImageFiles.Read(path)),
        ["webp"] = ("p", path => ImageFiles.Read(path)),
        ["settings"] = (SettingsFile.Name, ReadSettings),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>Reads a file, or refuses it as the program does.</summary>
    /// <param name="reader">The reader's name.</param>
    /// <param name="folder">A folder that holds nothing else.</param>
    /// <param name="content">The file's bytes.</param>
    /// <returns>Whether it was read.</returns>
    public static bool Reads(string reader, string folder, ReadOnlySpan<byte> content)
    {
        var (file, read) = All[reader];
        string path = Path.Combine(folder, file);
        File.WriteAllBytes(path, content);
        try
        {
            read(path);
            return true;
        }
        catch (GanException fault) when (fault.Code is ExitCode.Data or ExitCode.Usage or ExitCode.Device)
        {
            return false;
        }
    }

    private static void Open(string path)
    {
        Datasets.Check(path);
        Datasets.Open(new DatasetRequest(path) { Threads = 1, KeepsDecoded = false });
    }

    private static void ReadCifar(string path) => Cifar10Files.Files.Load(Path.GetDirectoryName(path)!);

    private static void ReadSettings(string path)
    {
        var settings = SettingsFile.Read(Path.GetDirectoryName(path)!);
        _ = RunDataset.Of(settings.Resolved.Dataset);
        settings.Resolved.RequireSame(path, settings.Resolved);
    }
}

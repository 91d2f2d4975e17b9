using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// The readers of files that come from elsewhere, by name: for the coverage-guided fuzzer, and for the suite, which replays the files that
/// the fuzzer has found.
/// </summary>
internal static partial class Readers
{
    // pictures beside which labels are read
    private static readonly byte[] FivePictures = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28, .. new byte[5 * 28 * 28]];

    private static readonly Dictionary<string, (string File, Action<string> Read)> All = new()
    {
        ["safetensors"] = ("a.safetensors", path => Gan.Files.SafetensorsFile.Read(path)),
        ["npz"] = ("a.npz", path => NpzFile.Read(path)),
        ["pack"] = ("a.npz", Open),
        ["zip"] = ("a.zip", Open),
        ["idx"] = ("i", path => IdxFile.ReadImages(path)),
        ["idx-gzip"] = ("i.gz", path => IdxFile.ReadImages(path)),
        ["idx-labels"] = ("train-labels-idx1-ubyte", ReadLabels),
        ["cifar"] = ("data_batch_1.bin", ReadCifar),
        ["cifar-gzip"] = ("data_batch_1.bin.gz", ReadCifar),
        ["tar-gzip"] = ("cifar-10-binary.tar.gz", ReadCifar),
        ["tar"] = ("cifar-10-binary.tar", ReadCifar),
        ["png"] = ("p", path => ImageFiles.Read(path)),
        ["jpeg"] = ("p", path => ImageFiles.Read(path)),
        ["bmp"] = ("p", path => ImageFiles.Read(path)),
        ["webp"] = ("p", path => ImageFiles.Read(path)),
        ["settings"] = (SettingsFile.Name, ReadSettings),
        ["metrics"] = (RunFolder.MetricsOf(""), ReadRun),
        ["scores"] = (RunFolder.ScoresOf(""), ReadRun),
        ["steps"] = (RunFolder.StepsOf(""), ReadRun),
        ["evaluation"] = (EvaluationReport.FileName, ReadRun),
        ["generator"] = ("header", ReadGenerator),
        ["checkpoint"] = ("settings", ReadCheckpoint),
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

    private static void ReadLabels(string path)
    {
        string folder = Path.GetDirectoryName(path)!, pictures = Path.Combine(folder, "train-images-idx3-ubyte");
        if (!File.Exists(pictures))
            File.WriteAllBytes(pictures, FivePictures);
        MnistFiles.Load(folder, MnistFiles.Training);
    }

    // a run whose other files are whole
    private static void ReadRun(string path)
    {
        string run = Path.GetDirectoryName(path)!;
        if (!RunReport.IsRun(run))
        {
            Directory.CreateDirectory(RunFolder.CheckpointsOf(run));
            SettingsFile.Write(run, new RunSettings());
        }
        using var json = new Utf8JsonWriter(Stream.Null);
        json.WriteStartObject();
        new RunData(run).Write(json);
        json.WriteEndObject();
    }

    // the file is the header alone; the numbers that it tells of are zeros
    private static void ReadGenerator(string path)
    {
        const int Most = 8 << 20;
        byte[] header = File.ReadAllBytes(path), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        long numbers = Ends().Matches(Encoding.Latin1.GetString(header))
            .Max(end => long.TryParse(end.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out long bytes) ? bytes : (long?)0) ?? 0;
        string whole = Path.Combine(Path.GetDirectoryName(path)!, "generator.safetensors");
        using (var file = new FileStream(whole, FileMode.Create))
        {
            file.Write(length);
            file.Write(header);
            file.SetLength(file.Length + Math.Clamp(numbers, 0, Most));
        }
        using var device = new CpuDevice(1);
        GeneratorFile.Read(RecipeBook.BuiltIn, whole, device);
    }

    // the file is a checkpoint's settings; its digest is right
    private static void ReadCheckpoint(string path)
    {
        string whole = Path.Combine(Path.GetDirectoryName(path)!, "checkpoint.safetensors");
        var snapshot = new Snapshot();
        snapshot.Texts[FixedSettings.CheckpointText] = File.ReadAllText(path);
        Checkpoint.Write(whole, snapshot);
        var settings = FixedSettings.Of(Checkpoint.Read(whole));
        settings.RequireSame(whole, settings);
    }

    [GeneratedRegex(@"""data_offsets"":\[\d+,(\d+)\]")]
    private static partial Regex Ends();

    private static void ReadSettings(string path)
    {
        var settings = SettingsFile.Read(Path.GetDirectoryName(path)!);
        _ = RunDataset.Of(settings.Resolved.Dataset);
        settings.Resolved.RequireSame(path, settings.Resolved);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`settings.json` of a training run: what was asked for, and what became of it.</summary>
internal sealed record RunSettings
{
    public string Program { get; init; } = "gan";

    public string Version { get; init; } = ProgramVersion.Text;

    /// <summary>The form that the file had; a file without it has the first.</summary>
    public int Schema { get; init; } = SettingsFile.Schema;

    public string Command { get; init; } = "train";

    /// <summary>What was asked for; null where the recipe decides.</summary>
    public RunRequest Request { get; init; } = new();

    /// <summary>What can't change while the run goes on.</summary>
    public FixedSettings Resolved { get; init; } = new();

    /// <summary>The device that trains, with its number.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the cpu; null on another device.</summary>
    public int? Threads { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public int TotalSteps { get; init; }

    /// <summary>Epochs between two checkpoints; null in files of older programs.</summary>
    public int? CheckpointEvery { get; init; }

    /// <summary>The full path of the run's folder.</summary>
    public string Output { get; init; } = "";

    /// <summary>Writes a run's file.</summary>
    /// <exception cref="GanException">Writing: it can't be written.</exception>
    public static void Write(RunFolder folder, RunRequest asked, DeviceChoice device, Trainer trainer)
    {
        var resolved = FixedSettings.Of(trainer);
        SettingsFile.Write(folder.Name, new RunSettings
        {
            Request = asked.WithFullPaths(),
            Resolved = resolved with { Dataset = resolved.Dataset with { Where = trainer.Images.Where } },
            Device = device.Name,
            Threads = device.Threads,
            TotalSteps = trainer.TotalSteps,
            CheckpointEvery = trainer.CheckpointEvery,
            Output = Path.GetFullPath(folder.Name),
        });
    }
}

/// <summary>The JSON of settings, generated from their records: snake_case, no name twice, no unknown one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunSettings))]
[JsonSerializable(typeof(ObjectiveRequest))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class SettingsJson : JsonSerializerContext
{
    /// <summary>Gets the form of files, for people.</summary>
    public static SettingsJson Indented => field ??= new(new JsonSerializerOptions(Default.Options)
    {
        TypeInfoResolver = null,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

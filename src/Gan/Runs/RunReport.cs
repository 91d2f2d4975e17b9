using System.Text.Json;
using System.Text.Json.Nodes;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Runs;

/// <summary>How far a run is.</summary>
internal enum RunState
{
    /// <summary>It was made, and has no epoch and no checkpoint yet.</summary>
    Begun,

    /// <summary>A process trains it.</summary>
    Training,

    /// <summary>It can be resumed.</summary>
    Stopped,

    /// <summary>All its steps are done.</summary>
    Finished,
}

/// <summary>What the files of a training run tell of it, while another process may write them.</summary>
internal sealed record RunReport
{
    /// <summary>The folder's path.</summary>
    public required string Folder { get; init; }

    /// <summary>What it was asked for, and what became of it.</summary>
    public required RunSettings Settings { get; init; }

    /// <summary>How far it is.</summary>
    public required RunState State { get; init; }

    /// <summary>Steps that it has behind it, as far as its files tell.</summary>
    public required int Step { get; init; }

    /// <summary>The lines of `metrics.jsonl`: an object for each epoch that ended.</summary>
    public required IReadOnlyList<JsonObject> Epochs { get; init; }

    /// <summary>What `gan evaluate` found; null: nobody asked.</summary>
    public JsonObject? Evaluation { get; init; }

    /// <summary>The folder's name.</summary>
    public string Name => NameOf(Folder);

    /// <summary>The recipe, with the options that make it another form of itself.</summary>
    public string Recipe => Settings.Request.Recipe
        + (Settings.Request.AsWritten ? " --as-written" : "") + (Settings.Request.Conditional ? " --conditional" : "");

    /// <summary>Seconds of its epochs.</summary>
    public double Seconds => Epochs.Sum(epoch => NumberOf(epoch, "seconds") ?? 0);

    /// <summary>The least energy distance of an epoch, by which the best checkpoint is chosen; null: none is known.</summary>
    public double? BestEnergyDistance => Epochs.Min(epoch => NumberOf(epoch, "energy_distance"));

    /// <summary>The state as lists name it.</summary>
    public string StateName => State.ToString().ToLowerInvariant();

    /// <summary>Returns what `gan evaluate` found of the run's pictures; null: nothing.</summary>
    public double? QualityOf(QualityMetric metric) => NumberOf(Evaluation?["generated"] as JsonObject, metric.Key);

    /// <summary>
    /// Returns what became of each setting, where that is known, and what was asked for otherwise, by the names that settings.json has.
    /// </summary>
    public Dictionary<string, string> FlatSettings()
    {
        var found = new Dictionary<string, string>();
        var json = JsonSerializer.SerializeToNode(Settings, SettingsJson.Default.RunSettings)!.AsObject();
        foreach (string part in (string[])["resolved", "request"])
            Add(json[part]!.AsObject(), "");
        foreach (string name in (string[])["device", "threads", "total_steps", "version"])
            found[name] = $"{json[name]}";
        return found;

        void Add(JsonObject values, string prefix)
        {
            foreach (var (name, value) in values)
            {
                if (value is JsonObject within)
                    Add(within, $"{prefix}{name}.");
                else if (value is not null)
                    found.TryAdd(prefix + name, value.ToJsonString(SettingsJson.Indented.Options).Trim('"'));
            }
        }
    }

    /// <summary>Returns the name of a run's folder.</summary>
    public static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>Lists the runs in a folder: itself, or the folders in it that `gan train` made, by name.</summary>
    /// <exception cref="GanException">Data: the folder isn't there or can't be read.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        if (IsRun(folder))
            return [folder];
        try
        {
            return [.. Directory.EnumerateDirectories(folder).Where(IsRun).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(folder, fault, "Name a folder of runs.");
        }
    }

    /// <summary>Reads a run's files.</summary>
    /// <exception cref="GanException">Usage: another command's run. Data: a file isn't as this program writes it.</exception>
    public static RunReport Read(string folder)
    {
        var settings = SettingsFile.Read(folder);
        var epochs = EpochsOf(RunFolder.MetricsOf(folder));
        int[] checkpoints = new CheckpointFolder(RunFolder.CheckpointsOf(folder)).Steps();
        int step = (int)Math.Max(epochs.Count > 0 ? NumberOf(epochs[^1], "step") ?? 0 : 0, checkpoints.DefaultIfEmpty(0).Max());
        return new RunReport
        {
            Folder = folder,
            Settings = settings,
            Step = step,
            Epochs = epochs,
            State = IsInUse(folder) ? RunState.Training
                : step >= settings.TotalSteps ? RunState.Finished
                : step > 0 ? RunState.Stopped
                : RunState.Begun,
            Evaluation = EvaluationOf(Path.Combine(folder, EvaluationReport.FileName)),
        };
    }

    /// <summary>Returns a number of an object; null: it has none of that name that is finite.</summary>
    public static double? NumberOf(JsonObject? from, string name) =>
        from?[name] is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Tells whether a folder is a training run's; the settings of `gan modes` and others have the same name.</summary>
    public static bool IsRun(string folder)
    {
        string file = Path.Combine(folder, SettingsFile.Name);
        return File.Exists(file) && Directory.Exists(RunFolder.CheckpointsOf(folder));
    }

    /// <summary>
    /// Tells whether a process trains a run. For the moment of asking the folder is locked, as whoever locks it must expect.
    /// </summary>
    public static bool IsInUse(string folder)
    {
        using var free = DirectoryLock.Lock(folder);
        return free is null;
    }

    private static List<JsonObject> EpochsOf(string file)
    {
        var epochs = new List<JsonObject>();
        if (!File.Exists(file))
            return epochs;
        // a line without an end is still being written
        string[] lines = Text(file).Split('\n')[..^1];
        for (int i = 0; i < lines.Length; i++)
            epochs.Add(Parse(file, lines[i], $"its line {i + 1} is"));
        return epochs;
    }

    private static JsonObject? EvaluationOf(string file) => File.Exists(file) ? Parse(file, Text(file), "it is") : null;

    private static JsonObject Parse(string file, string text, string what) =>
        JsonText.ObjectOf(text) ?? throw SettingsFile.Damaged(file, $"{what} no JSON object");

    private static string Text(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(file, fault);
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>Reads and writes `settings.json`, and says what is wrong with one.</summary>
internal static class SettingsFile
{
    /// <summary>Its name within a run's folder.</summary>
    public const string Name = "settings.json";

    /// <summary>The form that is written. The first one had all values in one object, and no number.</summary>
    public const int Schema = 2;

    private static readonly string[] Objects = ["request", "resolved"];

    // the names of the first form, as they were when it was the newest
    private static readonly string[] FirstRequest =
    [
        "recipe", "as_written", "seed", "batch", "objective", "samples", "sample_every", "device", "threads", "epochs", "steps", "limit",
        "skip_bad_files", "checkpoint_every", "keep",
    ];

    private static readonly string[] FirstResolved =
    [
        "recipe", "as_written", "dataset", "seed", "batch", "steps_per_epoch", "g_learning_rate", "d_learning_rate", "objective",
        "schedule_steps", "samples", "sample_every",
    ];

    /// <summary>Writes the settings of a training run into its folder.</summary>
    /// <exception cref="GanException">Writing: it can't be written.</exception>
    public static void Write(string folder, RunSettings settings) => AtomicFile.Write(Path.Combine(folder, Name), stream =>
    {
        JsonSerializer.Serialize(stream, settings with { Schema = Schema }, SettingsJson.Indented.RunSettings);
        stream.Write("\n"u8);
    });

    /// <summary>Reads the settings of a training run.</summary>
    /// <param name="path">The file, or the run's folder.</param>
    /// <exception cref="GanException">
    /// Usage: it is another command's. Data: it isn't there, or isn't what this program or an older one writes.
    /// </exception>
    public static RunSettings Read(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, Name) : path;
        var root = Parse(file, path);
        if (TextOf(root, "command") is not "train" and var command)
        {
            throw command is null ? Damaged(file, "its 'command' is missing") : new GanException(
                ExitCode.Usage,
                $"{path} is a run of `gan {command}`, which keeps no checkpoints. Only training can be resumed, or be a beginning.");
        }
        bool isFirst = !root.ContainsKey("schema");
        if (isFirst && Objects.Any(root.ContainsKey))
            throw Damaged(file, "its 'schema' is missing");
        if (!isFirst && !(root["schema"] is JsonValue number && number.TryGetValue(out int schema) && schema >= Schema))
            throw Damaged(file, "its 'schema' is no number of a form");
        var settings = Deserialise(file, isFirst ? FromFirstSchema(root) : root, SettingsJson.Default.RunSettings, isFirst);
        if (settings.Schema > Schema)
            throw Newer(file, $"is of the schema {settings.Schema}, and {Schema} is the newest known here");
        Requests.Check(
            new RunRequest { Threads = settings.Threads }, (name, fault) => Damaged(file, $"its '{name}' is {fault}"));
        Requests.Check(settings.Request, (name, fault) => Damaged(file, $"its '{(isFirst ? "" : "request.")}{name}' is {fault}"));
        return settings;
    }

    /// <summary>Reads a record from JSON; what that lacks has its initial value.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="json">The object.</param>
    /// <param name="type">The record.</param>
    /// <param name="isFirst">Whether names are those of the first form, without the objects around them.</param>
    /// <exception cref="GanException">Data: a name that is unknown here, or a value of another type.</exception>
    public static T Deserialise<T>(string file, JsonObject json, JsonTypeInfo<T> type, bool isFirst = false)
        where T : class, new()
    {
        if (Unknown(json, type, "") is { } unknown)
            throw Newer(file, $"has '{Shown(unknown)}', which is unknown here");
        try
        {
            var whole = JsonSerializer.SerializeToNode(new T(), type)!.AsObject();
            Put(json, into: whole);
            return whole.Deserialize(type)!;
        }
        catch (JsonException fault)
        {
            throw Damaged(file, $"its '{Shown($"{fault.Path?.TrimStart('$', '.')}")}' is nothing that can stand there");
        }

        string Shown(string name)
        {
            if (!isFirst || name.Split('.', 2) is not [var first, var rest] || !Objects.Contains(first))
                return name;
            return rest switch
            {
                "optimiser.learning_rate" => "learning_rate",
                "abort_on" => "abort_on_collapse",
                _ => rest,
            };
        }
    }

    private static JsonObject Parse(string file, string asked)
    {
        const long Longest = 1 << 20;
        try
        {
            if (new FileInfo(file).Length > Longest)
                throw Damaged(file, "it is far longer than any that this program writes");
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), JsonText.Strict);
            JsonText.RequireUnicode(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? JsonObject.Create(document.RootElement.Clone())!
                : throw Damaged(file, "it holds no JSON object");
        }
        catch (JsonException fault)
        {
            throw Damaged(file, $"it is no JSON from line {fault.LineNumber + 1} on");
        }
        catch (InvalidOperationException)
        {
            throw Damaged(file, "it holds text that is not Unicode");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            string what = Path.Exists(asked) ? $"{asked} is no run's folder: it has no {Name}" : $"There is no run '{asked}'";
            throw new GanException(ExitCode.Data, $"{what}. Name a folder that `gan train` made, such as runs/0001-odog-mnist.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(file, fault);
        }
    }

    /// <summary>Puts the values of the first form where the second has them; what the first lacks takes its default.</summary>
    private static JsonObject FromFirstSchema(JsonObject old)
    {
        var resolved = Picked(name => FirstResolved.Contains(name));
        var request = Picked(name => FirstRequest.Contains(name));
        if (old["dataset"] is JsonObject dataset && RunDataset.Of(TextOf(dataset, "name"), TextOf(dataset, "where")) is { } known)
            (request["dataset"], request["data_dir"]) = (known.Name, known.Folder);
        if (request["objective"] is JsonObject objective)
            objective.Remove("recipes_own_step");
        request["optimiser"] = new JsonObject { ["learning_rate"] = old["learning_rate"]?.DeepClone() };
        if (old["abort_on_collapse"] is { } aborts)
            request["abort_on"] = aborts.GetValueKind() switch
            {
                JsonValueKind.True => "collapse",
                JsonValueKind.False => "nothing",
                _ => aborts.DeepClone(),
            };
        var settings = new JsonObject { ["schema"] = 1, ["request"] = request, ["resolved"] = resolved };
        string[] moved = ["learning_rate", "abort_on_collapse"];
        foreach (var (name, value) in old)
        {
            // an unknown name stays where it is, to be refused
            bool isPlaced = moved.Contains(name) || FirstRequest.Contains(name) || FirstResolved.Contains(name);
            if (!isPlaced || name is "device" or "threads")
                settings[name] = value?.DeepClone();
        }
        return settings;

        JsonObject Picked(Func<string, bool> isOne) => new(old.Where(pair => isOne(pair.Key))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
    }

    // The generated reader gives an init-only property that the file lacks zero, not its initial value: so the file is put over the latter.
    private static void Put(JsonObject json, JsonObject into)
    {
        foreach (var (name, value) in json)
        {
            if (value is JsonObject from && into[name] is JsonObject within)
                Put(from, within);
            else
                into[name] = value?.DeepClone();
        }
    }

    // the path of the first name that a record's type doesn't have
    private static string? Unknown(JsonObject json, JsonTypeInfo type, string at)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return null;
        foreach (var (name, value) in json)
        {
            var property = type.Properties.FirstOrDefault(property => property.Name == name);
            if (property is null)
                return at + name;
            if (value is JsonObject within && property.PropertyType != typeof(JsonObject)
                && Unknown(within, type.Options.GetTypeInfo(property.PropertyType), $"{at}{name}.") is { } unknown)
            {
                return unknown;
            }
        }
        return null;
    }

    private static string? TextOf(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static GanException Newer(string file, string what) => new(
        ExitCode.Data, $"{file} {what} ({ProgramVersion.Text}). A newer version wrote it, or it was changed: use that version, "
        + "or put the file back as it was.");

    /// <summary>Makes the exception for a damaged file.</summary>
    public static GanException Damaged(string file, string why) =>
        new(ExitCode.Data, $"{file} is not as this program writes it: {why}. Put the file back as it was.");
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// What decides every byte of a run, resolved: it is the same from the run's beginning to its end. Each checkpoint holds it as a text,
/// `settings.json` as its `resolved`. A property that is added is null where an older program wrote the file, and null is not written.
/// </summary>
internal sealed record FixedSettings
{
    /// <summary>The text's name in a checkpoint.</summary>
    public const string CheckpointText = "settings";

    private const string OwnStep = "recipes_own_step";

    // what older programs' runs lack is left out where it has its default
    private static readonly string[] NewerOfObjective = ["augment", "mismatch", "penalty_decay", "final_rate"];

    // options that come to be a property here, under the same name or another one
    private static readonly string[] Held =
    [
        "recipe", "as_written", "init_from", "dataset", "limit", "skip_bad_files", "seed", "batch", "samples", "sample_every",
        "optimiser.learning_rate", "optimiser.g_learning_rate", "optimiser.d_learning_rate",
    ];

    public string Recipe { get; init; } = "";

    public bool AsWritten { get; init; }

    public DatasetFacts Dataset { get; init; } = new();

    public ulong Seed { get; init; }

    public int Batch { get; init; }

    public int StepsPerEpoch { get; init; }

    public float GLearningRate { get; init; }

    public float DLearningRate { get; init; }

    /// <summary>An <see cref="ObjectiveRequest"/> without a null, and whether the recipe's own step computes it.</summary>
    public JsonObject? Objective { get; init; }

    /// <summary>The steps of the whole run, where something falls over them: then the end can't move.</summary>
    public int? ScheduleSteps { get; init; }

    public int Samples { get; init; }

    public int SampleEvery { get; init; }

    /// <summary>All other options that decide bytes and were asked for, by their paths in a request; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The digest of the checkpoint whose weights the run began with; null: new weights.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InitFrom { get; init; }

    /// <summary>Returns the loss and its regularisers.</summary>
    /// <param name="file">The file that these settings are from, for messages.</param>
    /// <exception cref="GanException">Data: they are none.</exception>
    public ObjectiveRequest ObjectiveOf(string file)
    {
        var asked = Objective?.DeepClone().AsObject() ?? [];
        asked.Remove(OwnStep);
        return SettingsFile.Deserialise(file, asked, SettingsJson.Default.ObjectiveRequest);
    }

    /// <summary>Returns the settings of a run.</summary>
    public static FixedSettings Of(Trainer trainer)
    {
        var (request, recipe, images) = (trainer.Request, trainer.Recipe, trainer.Images);
        var asked = ObjectiveRequest.Of(trainer.Objective);
        var objective = JsonSerializer.SerializeToNode(asked, SettingsJson.Default.ObjectiveRequest)!.AsObject();
        var defaults = JsonSerializer.SerializeToNode(ObjectiveRequest.Of(new Objective()), SettingsJson.Default.ObjectiveRequest)!;
        foreach (string name in NewerOfObjective)
        {
            if (JsonNode.DeepEquals(objective[name], defaults[name]))
                objective.Remove(name);
        }
        objective.Insert(1, OwnStep, trainer.Objective.KeepsOwnStep);
        return new FixedSettings
        {
            Recipe = recipe.Name,
            AsWritten = recipe.AsWritten,
            Dataset = new DatasetFacts
            {
                Name = images.Name,
                Count = images.Count,
                SetAside = Batches.SetAsideOf(recipe, images.Count),
                Used = trainer.ImagesUsed,
                Height = images.Shape.Height,
                Width = images.Shape.Width,
                Channels = images.Shape.Channels,
                Classes = trainer.OwnClasses,
                Sha256 = images.Sha256,
            },
            Seed = request.Seed,
            Batch = trainer.Batch,
            StepsPerEpoch = trainer.StepsPerEpoch,
            GLearningRate = trainer.Model.GeneratorAdam.LearningRate,
            DLearningRate = trainer.Model.DiscriminatorAdam.LearningRate,
            Objective = objective,
            ScheduleSteps = trainer.Objective.DependsOnLength ? trainer.TotalSteps : null,
            Samples = request.GridFor(recipe, trainer.Model.Classes).Samples,
            SampleEvery = trainer.SampleEvery,
            Options = OthersOf(request),
            InitFrom = trainer.InitialWeights,
        };
    }

    /// <summary>Writes the settings as JSON on one line.</summary>
    public string ToText() => JsonSerializer.Serialize(this, SettingsJson.Default.FixedSettings);

    /// <summary>Refuses to resume a run under other settings.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="was">The settings of its checkpoint or file.</param>
    /// <exception cref="GanException">Usage: something differs.</exception>
    public void RequireSame(string folder, FixedSettings was)
    {
        Dictionary<string, string> before = was.Flat(), now = Flat();
        string[] differences =
        [
            .. now.Keys.Union(before.Keys).Where(name => before.GetValueOrDefault(name) != now.GetValueOrDefault(name))
                .Select(name => $"{name} was {In(before, name)} and would be {In(now, name)}"),
        ];
        if (differences.Length == 0)
            return;
        static string In(Dictionary<string, string> values, string name) => values.GetValueOrDefault(name, "missing");
        var mayChange = OptionProperty.Of(typeof(RunRequest)).Where(option => option.Option.MayChange).Select(option => option.Option.Name);
        bool isOtherPictures = Dataset.Name == PictureFolder.Name && Dataset.Sha256 != was.Dataset.Sha256;
        string why = isOtherPictures
            ? "Its pictures have other values than then: files were changed, added or removed, JPEGs are decoded on another kind of "
            + "processor, or an older version read them otherwise. Put the files back, or take the decoded pictures along: "
            + $"`gan data DIR --pack FILE.npz{was.PictureOptions()}` where it began, and --data-dir FILE.npz here"
            : ScheduleSteps != was.ScheduleSteps
            ? "Its learning rates or its noise fall until its end, so with another --epochs or --steps "
            + "every step would have been another one"
            : $"Only {string.Join(", ", mayChange)} may change";
        throw new GanException(
            ExitCode.Usage, $"{folder} can't go on as the same run: {string.Join("; ", differences)}. {why}. Train a new run for that.");
    }

    /// <summary>Reads the settings of a checkpoint, whose digest vouches for them.</summary>
    /// <exception cref="GanException">Data: a newer program wrote them.</exception>
    public static FixedSettings Of(Checkpoint checkpoint) => SettingsFile.Deserialise(
        checkpoint.Path,
        JsonText.ObjectOf(checkpoint.Text(CheckpointText))
            ?? throw SafetensorsFile.Damaged(checkpoint.Path, $"its '{CheckpointText}' is no JSON object"),
        SettingsJson.Default.FixedSettings);

    // as they are typed, each with a space before it
    private string PictureOptions() => string.Concat(OptionProperty.Of(typeof(RunRequest))
        .Where(option => option.Path.StartsWith("pictures.", StringComparison.Ordinal) && Options?.ContainsKey(option.Path) == true)
        .Select(option => $" {option.Option.Name} {Options![option.Path]}"));

    // an option that no property above holds is one of these: a new one needs no line here
    private static SortedDictionary<string, string>? OthersOf(RunRequest request)
    {
        var initial = new RunRequest();
        var others = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in OptionProperty.Of(typeof(RunRequest)).Where(option => !option.Option.MayChange && !IsResolved(option.Path)))
        {
            if (option.Get(request) is { } value && !value.Equals(option.Get(initial)))
                others[option.Path] = option.Print(value);
        }
        return others.Count > 0 ? others : null;
    }

    private static bool IsResolved(string path) =>
        path.StartsWith("objective.", StringComparison.Ordinal) || Array.IndexOf(Held, path) >= 0;

    // all values by their names, those within objects too: `objective.r1`
    private Dictionary<string, string> Flat()
    {
        var values = new Dictionary<string, string>();
        Collect(JsonNode.Parse((this with { Dataset = Dataset with { Where = null } }).ToText())!.AsObject(), "");
        return values;

        void Collect(JsonObject json, string prefix)
        {
            foreach (var (name, value) in json)
            {
                if (value is JsonObject within)
                    Collect(within, name == nameof(Options).ToLowerInvariant() ? "" : $"{prefix}{name}.");
                else
                    values[prefix + name] = value?.ToString() ?? "null";
            }
        }
    }
}

/// <summary>The pictures of a run.</summary>
internal sealed record DatasetFacts
{
    public string Name { get; init; } = "";

    /// <summary>Where they lay; null in a checkpoint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Where { get; init; }

    public int Count { get; init; }

    public int SetAside { get; init; }

    public int Used { get; init; }

    public int Height { get; init; }

    public int Width { get; init; }

    public int Channels { get; init; }

    public string Sha256 { get; init; } = "";

    /// <summary>The names of the classes of one's own pictures, by label; null: they have none, or it is a known set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Classes { get; init; }
}

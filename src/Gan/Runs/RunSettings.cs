using System.Text;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// A training run's settings. Some may change when it is resumed (its length, its device, where its pictures lie, which checkpoints are
/// kept); the others decide every byte that training makes, and are the same from its beginning to its end. Checkpoints hold these too.
/// </summary>
internal static class RunSettings
{
    /// <summary>The name of the fixed settings in a checkpoint.</summary>
    public const string CheckpointText = "settings";

    /// <summary>Writes a run's `settings.json`.</summary>
    public static void Write(RunFolder folder, TrainRequest request, TrainingPlan plan, Trainer trainer) =>
        SettingsFile.Write(folder.Name, json =>
    {
        json.WriteString("command", "train");
        WriteFixed(json, plan, trainer, plan.Images.Where);
        json.WriteString("device", request.Device.Name);
        json.WriteOptional("threads", request.Device.Threads);
        json.WriteOptional("epochs", plan.Epochs);
        json.WriteOptional("steps", plan.Steps);
        json.WriteNumber("total_steps", trainer.TotalSteps);
        json.WriteOptional("limit", request.Limit);
        json.WriteOptional("learning_rate", plan.LearningRate);
        json.WriteBoolean("skip_bad_files", request.SkipBadFiles);
        json.WriteNumber("checkpoint_every", plan.CheckpointEvery);
        json.WriteNumber("keep", request.Keep);
        json.WriteBoolean("abort_on_collapse", plan.AbortOnCollapse);
        json.WriteString("output", Path.GetFullPath(folder.Name));
    });

    /// <summary>Writes the settings that can't change in a run as JSON on one line.</summary>
    public static string Fixed(TrainingPlan plan, Trainer trainer)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            WriteFixed(json, plan, trainer, where: null);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads a run's request from its `settings.json`.</summary>
    /// <param name="book">The recipes that are known.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="device">In place of the device that it was trained on; null: that one.</param>
    /// <param name="threads">In place of its threads; null: as many, unless the device is another one.</param>
    /// <exception cref="GanException">Data: it isn't there, or isn't what the program writes. Device: one that isn't there.</exception>
    public static TrainRequest Read(RecipeBook book, string folder, string? device = null, int? threads = null) =>
        SettingsReader.Read(folder, settings =>
    {
        if (settings.Text("command") is not "train" and var command)
        {
            throw new GanException(
                ExitCode.Usage, $"{folder} is a run of `gan {command}`, which keeps no checkpoints. Only training can be resumed.");
        }
        var (dataset, dataDir) = RunDataset.Of(settings.Object("dataset"));
        string recipe = settings.Text("recipe");
        if (book.All.All(known => known.Name != recipe))
            throw settings.Wrong("recipe", "no recipe that is known here");
        return new TrainRequest
        {
            Recipe = book.Find(recipe, settings.Flag("as_written")),
            Objective = SettingsFile.ReadObjective(settings.Object("objective")).Checked(),
            Dataset = dataset,
            DataDir = dataDir,
            Device = DeviceChoice.Of(
                device ?? settings.Text("device"),
                threads ?? (device is null ? settings.OptionalWhole("threads", 1, DeviceChoice.MostThreads) : null)),
            Epochs = settings.OptionalWhole("epochs", 1),
            Steps = settings.OptionalWhole("steps", 1),
            Batch = settings.Whole("batch", 1),
            LearningRate = settings.OptionalNumber("learning_rate", 0),
            Seed = settings.Seed("seed"),
            Limit = settings.OptionalWhole("limit", 1),
            Output = folder,
            Samples = settings.Whole("samples", 1, TrainRequest.MostSamples),
            SampleEvery = settings.Whole("sample_every", 1),
            CheckpointEvery = settings.Whole("checkpoint_every", 1),
            Keep = settings.Whole("keep", 1),
            AbortOnCollapse = settings.Flag("abort_on_collapse"),
            SkipBadFiles = settings.Flag("skip_bad_files"),
            DryRun = false,
        };
    });

    /// <summary>Refuses to resume a run under other fixed settings.</summary>
    /// <param name="was">The fixed settings of a checkpoint; null: those of `settings.json`.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="plan">The plan of the resumed run.</param>
    /// <param name="trainer">The resumed run.</param>
    /// <exception cref="GanException">Usage: something differs. Data: a text that holds no settings.</exception>
    public static void RequireSame(string? was, string folder, TrainingPlan plan, Trainer trainer)
    {
        Dictionary<string, string> before, now;
        using (var fixedNow = JsonDocument.Parse(Fixed(plan, trainer)))
            now = new SettingsReader("", fixedNow.RootElement).Flat();
        if (was is null)
        {
            before = SettingsReader.Read(folder, settings => settings.Flat());
        }
        else
        {
            using var noted = JsonDocument.Parse(was); // a digest has vouched for it
            before = new SettingsReader("", noted.RootElement).Flat();
        }
        string[] differences =
        [
            .. now.Where(pair => before.GetValueOrDefault(pair.Key) != pair.Value)
                .Select(pair => $"{pair.Key} was {before.GetValueOrDefault(pair.Key, "missing")} and would be {pair.Value}"),
        ];
        if (differences.Length == 0)
            return;
        string why = now[Schedule] != before.GetValueOrDefault(Schedule)
            ? "Its learning rates or its noise fall until its end, so with another --epochs or --steps "
            + "every step would have been another one"
            : "Only --epochs, --steps, --device, --threads, --data-dir, --keep, --checkpoint-every and --abort-on may change";
        throw new GanException(
            ExitCode.Usage, $"{folder} can't go on as the same run: {string.Join("; ", differences)}. {why}. Train a new run for that.");
    }

    private const string Schedule = "schedule_steps";

    private static void WriteFixed(Utf8JsonWriter json, TrainingPlan plan, Trainer trainer, string? where)
    {
        var images = plan.Images;
        json.WriteString("recipe", plan.Recipe.Name);
        json.WriteBoolean("as_written", plan.Recipe.AsWritten);
        json.WriteStartObject("dataset");
        json.WriteString("name", images.Name);
        if (where is not null)
            json.WriteString("where", where);
        json.WriteNumber("count", images.Count);
        json.WriteNumber("set_aside", Batches.SetAsideOf(plan.Recipe, images.Count));
        json.WriteNumber("used", plan.ImagesUsed);
        json.WriteNumber("height", images.Shape.Height);
        json.WriteNumber("width", images.Shape.Width);
        json.WriteNumber("channels", images.Shape.Channels);
        json.WriteString("sha256", images.Sha256);
        json.WriteEndObject();
        json.WriteNumber("seed", plan.Seed);
        json.WriteNumber("batch", plan.Batch);
        json.WriteNumber("steps_per_epoch", trainer.StepsPerEpoch);
        json.WriteNumber("g_learning_rate", trainer.Model.GeneratorAdam.LearningRate);
        json.WriteNumber("d_learning_rate", trainer.Model.DiscriminatorAdam.LearningRate);
        SettingsFile.WriteObjective(json, plan.Objective);
        // what falls over the run's length makes the length one of the settings that can't change
        json.WriteOptional(Schedule, plan.Objective.DependsOnLength ? trainer.TotalSteps : null);
        json.WriteNumber("samples", plan.Samples);
        json.WriteNumber("sample_every", plan.SampleEvery);
    }
}

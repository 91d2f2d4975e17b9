using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;

namespace GanFromScratch.Gan.Commands;

/// <summary>The options of `gan train`.</summary>
internal sealed class TrainOptions
{
    private static readonly string[] Abortions = ["collapse", "nothing"];
    private const int DefaultKeep = 2;
    private readonly RecipeBook _book;
    private readonly Option<string> _recipe, _dataset, _dataDir, _device, _threads, _epochs, _steps, _batch, _learningRate, _seed;
    private readonly Option<string> _limit, _output, _samples, _sampleEvery, _checkpointEvery, _keep, _abortOn;
    private readonly Option<bool> _asWritten, _skipBadFiles, _dryRun;
    private readonly ObjectiveOptions _objective;

    /// <summary>The options, made in the order of the help.</summary>
    public TrainOptions(RecipeBook book, Func<string, string, string, Option<string>> value, Func<string, string, Option<bool>> flag)
    {
        _book = book;
        _recipe = value("--recipe", "NAME", $"What trains; {RecipeBook.Default} unless given");
        _asWritten = flag("--as-written", "Trains with the quirks of the recipe's document; `gan recipes NAME` lists them");
        _dataset = value("--dataset", $"{string.Join('|', Datasets.Names)}|DIR", "The pictures; auto is MNIST where it can be had, otherwise digits; DIR is a folder of PNG files");
        _dataDir = value("--data-dir", "DIR", "The one folder where the data set's files are looked for");
        _skipBadFiles = flag("--skip-bad-files", "Leaves out the pictures of DIR that can't be used");
        _device = value("--device", DeviceChoice.Kinds, "Where it computes");
        _threads = value("--threads", "N", "Threads of the cpu, and with auto the cpu itself; one a core unless given");
        _epochs = value("--epochs", "N", "Ends after so many passes over the data's size");
        _steps = value("--steps", "N", "Ends after so many steps; with neither, the recipe's own length");
        _batch = value("--batch", "N", "Pictures in a batch; the recipe's own unless given");
        _learningRate = value("--learning-rate", "X", "Of both networks; the recipe's own unless given");
        _seed = value("--seed", "N", "Of everything random; 0 unless given");
        _limit = value("--limit", "N", "Uses only the first N pictures");
        _output = value("--output", "DIR", $"The run's folder, new or empty; {RunFolder.Parent}/NNNN-recipe-dataset unless given");
        _samples = value("--samples", "N", "Pictures in a sample grid; the recipe's own unless given");
        _sampleEvery = value("--sample-every", "N", "Epochs from one sample grid to the next; 1 unless given");
        (_checkpointEvery, _keep) = (CheckpointEveryOption(value), KeepOption(value));
        _abortOn = AbortOnOption(value);
        _objective = new ObjectiveOptions(value, flag);
        _dryRun = flag("--dry-run", "Prints settings, networks, sizes and memory, and stops");
    }

    /// <summary>`--checkpoint-every`, which `gan resume` has too.</summary>
    public static Option<string> CheckpointEveryOption(Func<string, string, string, Option<string>> value) =>
        value("--checkpoint-every", "N", "Epochs from one checkpoint to the next; 1 unless given. There is one at the end as well");

    /// <summary>`--keep`, which `gan resume` has too.</summary>
    public static Option<string> KeepOption(Func<string, string, string, Option<string>> value) =>
        value("--keep", "K", $"Keeps the K newest checkpoints, and the best; {DefaultKeep} unless given");

    /// <summary>`--abort-on`, which `gan resume` has too.</summary>
    public static Option<string> AbortOnOption(Func<string, string, string, Option<string>> value) =>
        value("--abort-on", string.Join('|', Abortions), "Ends training when G makes few pictures only, or a network is dead; otherwise that is said");

    /// <summary>Reads `--abort-on`; null where it isn't given.</summary>
    /// <exception cref="GanException">Usage: an unknown word.</exception>
    public static bool? AbortsOnCollapse(ParseResult given, Option<string> abortOn) => given.Choice(abortOn, Abortions) is { } choice ? choice == 0 : null;

    /// <summary>Reads and checks all of them.</summary>
    /// <exception cref="GanException">Usage: a value of the wrong type or range, an unknown name. Device: one that isn't there.</exception>
    public TrainRequest Read(ParseResult given)
    {
        var recipe = _book.Find(given.GetValue(_recipe) ?? RecipeBook.Default, given.GetValue(_asWritten));
        string dataset = given.GetValue(_dataset) ?? "auto";
        Datasets.Check(dataset);
        var request = new TrainRequest
        {
            Recipe = recipe,
            Objective = ObjectiveOf(recipe, given),
            Dataset = dataset,
            DataDir = given.GetValue(_dataDir),
            Epochs = given.Whole(_epochs, 1),
            Steps = given.Whole(_steps, 1),
            Batch = given.Whole(_batch, 1),
            LearningRate = given.Positive(_learningRate),
            Seed = given.Seed(_seed) ?? 0,
            Limit = given.Whole(_limit, 1),
            Output = given.GetValue(_output),
            Samples = given.Whole(_samples, 1, TrainRequest.MostSamples) ?? (recipe.SampleGrid.Rows * recipe.SampleGrid.Columns),
            SampleEvery = given.Whole(_sampleEvery, 1) ?? 1,
            CheckpointEvery = given.Whole(_checkpointEvery, 1) ?? 1,
            Keep = given.Whole(_keep, 1) ?? DefaultKeep,
            SkipBadFiles = given.GetValue(_skipBadFiles),
            AbortOnCollapse = AbortsOnCollapse(given, _abortOn) ?? false,
            DryRun = given.GetValue(_dryRun),
            Device = DeviceChoice.Of(given.GetValue(_device), given.Whole(_threads, 1, DeviceChoice.MostThreads)),
        };
        if (request.Limit is { } limit && Datasets.ShapeOf(dataset) is { } shape)
            request.Used(limit, shape); // before a download, not after it
        return request;
    }

    private Objective ObjectiveOf(Recipe recipe, ParseResult given)
    {
        var objective = _objective.Read(given, recipe.Objective);
        if (recipe.AsWritten && recipe.Quirks.Count == 0)
            throw new GanException(ExitCode.Usage, $"The recipe {recipe.Name} follows no document, so there is nothing that --as-written could turn on. Leave it out.");
        if (recipe.AsWritten && !objective.KeepsOwnStep)
        {
            throw new GanException(
                ExitCode.Usage,
                $"--as-written asks for the training step of {recipe.Name}'s document, and `{objective}` for another one. Leave one of them out.");
        }
        return objective;
    }
}

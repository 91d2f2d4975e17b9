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

    /// <summary>Adds the options, in the order of the help.</summary>
    public TrainOptions(RecipeBook book, Func<string, string, string, Option<string>> value, Func<string, string, Option<bool>> flag)
    {
        _book = book;
        _recipe = value("--recipe", "NAME", $"The recipe [default: {RecipeBook.Default}]");
        _asWritten = flag("--as-written", "Keeps the quirks of the recipe's document; `gan recipes NAME` lists them");
        string datasets = $"{string.Join('|', Datasets.Names)}|DIR";
        _dataset = value("--dataset", datasets, "The data set; auto: mnist, or digits without it; DIR: PNG files [default: auto]");
        _dataDir = value("--data-dir", "DIR", "The only folder that is searched for the data set");
        _skipBadFiles = flag("--skip-bad-files", "Skips unusable pictures of DIR");
        _device = value("--device", DeviceChoice.Kinds, "The device [default: auto]");
        _threads = value("--threads", "N", "Threads of the cpu; makes auto pick the cpu [default: one for each core]");
        _epochs = value("--epochs", "N", "Length in epochs: passes over the size of the data [default: the recipe's]");
        _steps = value("--steps", "N", "Length in steps [default: the recipe's]");
        _batch = value("--batch", "N", "Pictures in a batch [default: the recipe's]");
        _learningRate = value("--learning-rate", "X", "Learning rate of both networks [default: the recipe's]");
        _seed = value("--seed", "N", "Seed of all random numbers [default: 0]");
        _limit = value("--limit", "N", "Uses only the first N pictures");
        _output = value("--output", "DIR", $"A new or empty folder for the run [default: {RunFolder.Parent}/NNNN-recipe-dataset]");
        _samples = value("--samples", "N", "Pictures in a sample grid [default: the recipe's]");
        _sampleEvery = value("--sample-every", "N", "Epochs between sample grids [default: 1]");
        (_checkpointEvery, _keep) = (CheckpointEveryOption(value), KeepOption(value));
        _abortOn = AbortOnOption(value);
        _objective = new ObjectiveOptions(value, flag);
        _dryRun = flag("--dry-run", "Shows settings, networks and memory, without training");
    }

    /// <summary>Adds `--checkpoint-every`.</summary>
    public static Option<string> CheckpointEveryOption(Func<string, string, string, Option<string>> value) =>
        value("--checkpoint-every", "N", "Epochs between checkpoints; there is one at the end, too [default: 1]");

    /// <summary>Adds `--keep`.</summary>
    public static Option<string> KeepOption(Func<string, string, string, Option<string>> value) =>
        value("--keep", "K", $"Number of newest checkpoints to keep, besides the best [default: {DefaultKeep}]");

    /// <summary>Adds `--abort-on`.</summary>
    public static Option<string> AbortOnOption(Func<string, string, string, Option<string>> value) =>
        value("--abort-on", string.Join('|', Abortions), "Ends training if G collapses or a network is dead [default: nothing]");

    /// <summary>Reads `--abort-on`; null without it.</summary>
    /// <exception cref="GanException">Usage: an unknown word.</exception>
    public static bool? AbortsOnCollapse(ParseResult given, Option<string> abortOn) =>
        given.Choice(abortOn, Abortions) is { } choice ? choice == 0 : null;

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="GanException">Usage: a value of the wrong type or range, an unknown name. Device: a missing one.</exception>
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
            request.Used(limit, shape); // checked before a download
        return request;
    }

    private Objective ObjectiveOf(Recipe recipe, ParseResult given)
    {
        var objective = _objective.Read(given, recipe.Objective);
        if (recipe.AsWritten && recipe.Quirks.Count == 0)
            throw new GanException(ExitCode.Usage, $"The recipe {recipe.Name} follows no document. Leave --as-written out.");
        if (recipe.AsWritten && !objective.KeepsOwnStep)
        {
            throw new GanException(
                ExitCode.Usage,
                $"--as-written uses the training step of {recipe.Name}'s document, and `{objective}` another one. Leave one of them out.");
        }
        return objective;
    }
}

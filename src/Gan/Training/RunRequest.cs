using System.Text.Json.Serialization;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>Whether a dead network or a collapsed generator ends training.</summary>
[JsonConverter(typeof(WordConverter<Abortion>))]
public enum Abortion
{
    /// <summary>Nothing ends it.</summary>
    Nothing,

    /// <summary>A collapsed generator, or a dead network.</summary>
    Collapse,
}

/// <summary>
/// What is asked of a training run. The command line fills it, training reads it and `settings.json` holds it: a new property with an
/// <see cref="OptionAttribute"/> is a new option everywhere. Null leaves a value to the recipe.
/// </summary>
public sealed record RunRequest
{
    /// <summary>The most pictures that a sample grid may have.</summary>
    public const int MostSamples = 4096;

    /// <summary>The most threads of the cpu.</summary>
    public const int MostThreads = 1024;

    private const string Trained = "What is trained", DataGroup = "Data", Length = "Length", Training = "Training", Where = "Device";
    private const string Kept = "Pictures and checkpoints", FewestEpochs = "the fewest with 200 steps";
    private const int FewestSteps = 200;

    /// <summary>The recipe's name.</summary>
    [Option("--recipe", "The recipe; `gan recipes` lists them", Group = Trained, Value = "NAME")]
    public string Recipe { get; init; } = RecipeBook.Default;

    /// <summary>Whether the quirks of the recipe's document are on.</summary>
    [Option("--as-written", "Keeps the quirks of the recipe's document; `gan recipes NAME` lists them", Group = Trained)]
    public bool AsWritten { get; init; }

    /// <summary>Whether networks that could do without are told the pictures' classes.</summary>
    [Option("--conditional", "Tells both networks the pictures' classes, so that pictures can be asked for by class", Group = Trained)]
    public bool Conditional { get; init; }

    /// <summary>A run, or a checkpoint, whose networks' weights this one starts with.</summary>
    [Option(
        "--init-from", "Starts with the weights of another run's networks, to fine-tune them: its folder, or a checkpoint",
        Group = Trained, Value = "RUN")]
    public string? InitFrom { get; init; }

    /// <summary>The data set's name, or a folder of pictures.</summary>
    [Option(
        "--dataset", "The data set; auto: mnist, or digits without it; DIR: a folder or .zip of pictures, or a NumPy .npz",
        Group = DataGroup, Choices = typeof(SetNames))]
    public string Dataset { get; init; } = "auto";

    /// <summary>The only folder that is searched for the data set.</summary>
    [Option("--data-dir", "The only folder that is searched for the data set", Group = DataGroup, Value = "DIR", MayChange = true)]
    public string? DataDir { get; init; }

    /// <summary>How many of the pictures are used.</summary>
    [Option("--limit", "Uses only the first N pictures", Group = DataGroup, Value = "N", Min = 1, Default = "all")]
    public int? Limit { get; init; }

    /// <summary>How the set's pictures are made of files, and what size they have.</summary>
    [Options]
    public PictureRequest Pictures { get; init; } = new();

    /// <summary>Whether real pictures are mirrored at random in training.</summary>
    [Option("--flip", "Mirrors each picture that is trained on, left to right, or doesn't, at random", Group = DataGroup)]
    public bool Flip { get; init; }

    /// <summary>Whether unusable pictures of a folder are skipped.</summary>
    [Option("--skip-bad-files", "Skips unusable pictures of DIR", Group = DataGroup)]
    public bool SkipBadFiles { get; init; }

    /// <summary>Epochs to train. With steps as well the first bound ends the run, with neither the recipe's own length.</summary>
    [Option("--epochs", "Length in epochs: passes over the size of the data", Group = Length, Value = "N", Min = 1, MayChange = true)]
    public int? Epochs { get; init; }

    /// <summary>Steps to train.</summary>
    [Option("--steps", "Length in steps; with --epochs, what comes first", Group = Length, Value = "N", Min = 1, MayChange = true)]
    public int? Steps { get; init; }

    /// <summary>The seed of everything random.</summary>
    [Option("--seed", "Seed of all random numbers", Group = Training, Value = "N")]
    public ulong Seed { get; init; }

    /// <summary>Pictures in a batch.</summary>
    [Option("--batch", "Pictures in a batch", Group = Training, Aliases = ["--batch-size"], Value = "N", Min = 1)]
    public int? Batch { get; init; }

    /// <summary>What is asked of the optimisers.</summary>
    [Options]
    public OptimiserRequest Optimiser { get; init; } = new();

    /// <summary>What is asked of the loss and its regularisers.</summary>
    [Options]
    public ObjectiveRequest Objective { get; init; } = new();

    /// <summary>The device.</summary>
    [Option("--device", "The device", Group = Where, Value = DeviceKinds.Shown, Choices = typeof(DeviceKinds), MayChange = true)]
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the cpu.</summary>
    [Option(
        "--threads", "Threads of the cpu; makes auto pick the cpu",
        Group = Where, Value = "N", Min = 1, Max = MostThreads, Default = "one for each core", MayChange = true)]
    public int? Threads { get; init; }

    /// <summary>Whether matrix products use TF32 tensor cores: it decides bytes, so a run keeps it.</summary>
    [Option("--fast", DeviceKinds.FastDescription, Group = Where)]
    public bool Fast { get; init; }

    /// <summary>Pictures in a sample grid.</summary>
    [Option("--samples", "Pictures in a sample grid", Group = Kept, Value = "N", Min = 1, Max = MostSamples)]
    public int? Samples { get; init; }

    /// <summary>Epochs from one grid to the next.</summary>
    [Option("--sample-every", "Epochs between sample grids", Group = Kept, Value = "N", Min = 1, Default = FewestEpochs)]
    public int? SampleEvery { get; init; }

    /// <summary>Epochs from one checkpoint to the next.</summary>
    [Option(
        "--checkpoint-every", "Epochs between checkpoints; there is one at the end, too",
        Group = Kept, Value = "N", Min = 1, Default = FewestEpochs, MayChange = true)]
    public int? CheckpointEvery { get; init; }

    /// <summary>How many of the newest checkpoints stay.</summary>
    [Option("--keep", "Number of newest checkpoints to keep, besides the best", Group = Kept, Value = "K", Min = 1, MayChange = true)]
    public int Keep { get; init; } = 2;

    /// <summary>Whether TensorBoard's events are written.</summary>
    [Option("--tensorboard", "Writes events for TensorBoard into the run's folder, too", Group = Kept, MayChange = true)]
    public bool Tensorboard { get; init; }

    /// <summary>What ends training early.</summary>
    [Option("--abort-on", "Ends training if G collapses or a network is dead", Group = Kept, MayChange = true)]
    public Abortion AbortOn { get; init; }

    /// <summary>Returns the epochs between two grids, or two checkpoints, where none are asked for: the fewest with 200 steps.</summary>
    public static int EpochsBetween(int stepsPerEpoch) => (FewestSteps + stepsPerEpoch - 1) / stepsPerEpoch;

    /// <summary>Returns the objective under a recipe.</summary>
    /// <exception cref="GanException">Usage: it can't be had, or not with the step of the recipe's document.</exception>
    public Objective ObjectiveFor(Recipe recipe)
    {
        var objective = Objective.Over(recipe.Objective);
        if (recipe.AsWritten && recipe.Quirks.Count == 0)
            throw new GanException(ExitCode.Usage, $"The recipe {recipe.Name} follows no document. Leave --as-written out.");
        if (recipe.AsWritten && !objective.KeepsOwnStep)
        {
            throw new GanException(
                ExitCode.Usage,
                $"--as-written uses the training step of {recipe.Name}'s document, and `{objective}` another one. Leave one of them out.");
        }
        if (recipe.HasOwnStepOnly && !objective.KeepsOwnStep)
        {
            throw new GanException(
                ExitCode.Usage,
                $"{recipe.Name} trains by its own step, and `{objective}` needs another one. Leave them out, "
                + "or take --recipe stable-conv.");
        }
        if (objective.Mismatch > 0 && !recipe.IsConditional)
        {
            throw new GanException(
                ExitCode.Usage,
                $"--mismatch tells D another class than a picture's, and {recipe.Name} is told none. "
                + (recipe.ConditionalForm is null ? "Leave it out, or take --recipe stable-conv --conditional."
                    : "Add --conditional, or leave it out."));
        }
        if (recipe.Sides is not null && objective.Pack > 1)
        {
            throw new GanException(
                ExitCode.Usage,
                $"--pack lays pictures end to end, which dense networks alone can judge, and {recipe.Name}'s are convolutional. "
                + "Leave it out.");
        }
        return objective;
    }

    /// <summary>Returns the pictures in a sample grid, and its rows and columns: the recipe's, or nearly square.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="classes">
    /// The classes that pictures are asked for, one after another; 0: none. Where the recipe's grid would not have them one below another,
    /// it has a column for each, unless as many samples are asked for as the recipe's grid has.
    /// </param>
    public (int Samples, int Rows, int Columns) GridFor(Recipe recipe, int classes = 0)
    {
        const int MostColumns = 32, MostRows = 10;
        var (rows, columns) = recipe.SampleGrid;
        if (Samples != rows * columns && classes is > 0 and <= MostColumns && columns % classes > 0 && classes % columns > 0)
            (rows, columns) = (Math.Max(rows, Math.Min(MostRows, ((rows * columns) + classes - 1) / classes)), classes);
        int samples = Samples ?? rows * columns;
        if (rows * columns == samples)
            return (samples, rows, columns);
        columns = (int)Math.Ceiling(Math.Sqrt(samples));
        return (samples, (samples + columns - 1) / columns, columns);
    }

    /// <summary>Returns the batch size for pictures of a shape.</summary>
    public int BatchFor(Recipe recipe, PictureShape picture) => Batch ?? recipe.BatchFor(picture);

    /// <summary>Returns how many of a set's pictures are used.</summary>
    /// <exception cref="GanException">Usage: a batch is larger.</exception>
    public int UsedOf(int count, Recipe recipe, PictureShape picture)
    {
        int batch = BatchFor(recipe, picture), pack = Objective.Pack ?? recipe.Objective.Pack;
        if (batch % pack != 0)
        {
            throw new GanException(
                ExitCode.Usage,
                $"A batch of {batch:N0} can't be put into packs of {pack}. "
                + $"Choose a --batch that is a multiple of {pack}, or another --pack.");
        }
        count -= Batches.SetAsideOf(recipe, count);
        int used = Math.Min(Limit ?? count, count);
        if (batch > used)
        {
            throw new GanException(
                ExitCode.Usage,
                $"A batch of {batch:N0} is larger than the {used:N0} pictures that are used. "
                + $"Choose a --batch of at most {used}{(Limit is null ? "" : ", or a higher --limit")}.");
        }
        return used;
    }

    /// <summary>
    /// Returns this request after some of its options were typed over those of another one: what the new ones are a replacement for is
    /// cleared.
    /// </summary>
    /// <param name="isTyped">Tells whether an option was typed, by its name.</param>
    public RunRequest Settled(Func<string, bool> isTyped)
    {
        bool bothRates = isTyped("--learning-rate");
        return this with
        {
            Epochs = isTyped("--steps") && !isTyped("--epochs") ? null : Epochs,
            Steps = isTyped("--epochs") && !isTyped("--steps") ? null : Steps,
            Device = isTyped("--threads") && !isTyped("--device") ? "auto" : Device,
            Threads = isTyped("--device") && !isTyped("--threads") ? null : Threads,
            DataDir = isTyped("--dataset") && !isTyped("--data-dir") ? null : DataDir,
            Conditional = Conditional && (isTyped("--conditional") || !isTyped("--recipe")),
            Optimiser = Optimiser with
            {
                GLearningRate = bothRates && !isTyped("--g-lr") ? null : Optimiser.GLearningRate,
                DLearningRate = bothRates && !isTyped("--d-lr") ? null : Optimiser.DLearningRate,
            },
        };
    }

    /// <summary>
    /// Returns the request without what is the recipe's or its loss's own anyway, and without the device: what was asked for, as far as a
    /// file tells that has all values.
    /// </summary>
    public RunRequest Without(Recipe recipe, PictureShape picture)
    {
        // another loss brings values of its own
        var own = ObjectiveRequest.Of(new ObjectiveRequest { Loss = Objective.Loss }.Over(recipe.Objective));
        var left = Requests.Copy(Objective);
        foreach (var option in OptionProperty.Of(typeof(ObjectiveRequest)).Where(option => Equals(option.Get(left), option.Get(own))))
            option.Set(left, null);
        return this with
        {
            Device = "auto",
            Threads = null,
            Batch = Batch == recipe.BatchFor(picture) ? null : Batch,
            Samples = Samples == recipe.SampleGrid.Rows * recipe.SampleGrid.Columns ? null : Samples,
            Objective = left with { Loss = Objective.Loss == recipe.Objective.Loss.Name ? null : Objective.Loss },
        };
    }

    /// <summary>Returns the request with full paths, for whoever reads it in another folder.</summary>
    public RunRequest WithFullPaths() => this with
    {
        InitFrom = InitFrom is null ? null : Path.GetFullPath(InitFrom),
        Dataset = Datasets.Names.Contains(Dataset) ? Dataset : Path.GetFullPath(Dataset),
        DataDir = DataDir is null ? null : Path.GetFullPath(DataDir),
    };

    /// <summary>Returns the request with the values that a recipe fills in, for people to read.</summary>
    public RunRequest Complete(Recipe recipe, PictureShape picture) => this with
    {
        Epochs = Epochs is null && Steps is null ? recipe.Epochs : Epochs,
        Steps = Epochs is null && Steps is null ? recipe.Steps : Steps,
        Batch = BatchFor(recipe, picture),
        Samples = GridFor(recipe).Samples,
        Optimiser = Optimiser.Complete(recipe.GeneratorAdam, recipe.DiscriminatorAdam),
        Objective = ObjectiveRequest.Of(Objective.Over(recipe.Objective)),
    };

    private sealed class SetNames : IChoices
    {
        public IReadOnlyList<string> Words => Datasets.Names;

        public string? Others => "DIR";
    }
}

/// <summary>The kinds of devices, for options.</summary>
internal sealed class DeviceKinds : IChoices
{
    /// <summary>The kinds as the help shows them.</summary>
    public const string Shown = "auto|cpu|opencl[:N]|cuda[:N]|emulated";

    /// <summary>What `--fast` does, for the help.</summary>
    public const string FastDescription = "TF32 tensor cores on CUDA: faster, and other bits than the cpu's";

    /// <inheritdoc/>
    public IReadOnlyList<string> Words { get; } = ["auto", "cpu", "opencl", "cuda", "emulated"];

    /// <inheritdoc/>
    public string? Others => "opencl:N";
}

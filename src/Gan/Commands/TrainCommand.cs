using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan train`, and `gan` alone: trains a GAN.</summary>
internal sealed class TrainCommand : GanCommand<TrainArguments>
{
    private readonly RecipeBook _book;

    public TrainCommand(RecipeBook book)
        : base("train", "Trains a GAN into a run's folder, like `gan` alone") => _book = book;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan", "trains odog on MNIST, or on the built-in digits without it"),
        ("gan --epochs 5 --seed 7", "trains for five epochs, with another seed"),
        ("gan train --dataset digits --limit 1000 --steps 100", "a short run that needs no files"),
        ("gan train --data-dir ~/mnist --output first", "MNIST from a folder, into ./first"),
        ("gan --recipe lornatang --dataset cifar10", "colour pictures, from CIFAR-10"),
        ("gan --recipe stable", "better digits: odog's networks with a relativistic loss"),
        ("gan --recipe hsu --loss hinge --spectral-norm", "another loss, and spectral normalisation"),
        ("gan --dataset ./pictures --resolution 64 --flip", "your own pictures, 64x64, mirrored at random"),
        ("gan --settings runs/0001-odog-mnist --seed 1", "what another run was asked for, with another seed"),
        ("gan --init-from runs/0001-odog-mnist --lr 1e-5", "fine-tunes another run's networks"),
        ("gan train --dry-run", "shows what would be trained"),
    ];

    /// <inheritdoc/>
    public override void Bind()
    {
        base.Bind();
        Options["--recipe"].Option.CompletionSources.Add([.. _book.All.Select(recipe => recipe.Name)]);
    }

    /// <summary>Makes the options those of another command, too.</summary>
    public void AddOptionsTo(Command command) => Options.AddTo(command);

    /// <inheritdoc/>
    public override object? Defaults(ParseResult given)
    {
        var request = new RunRequest();
        var typed = given.Errors.Count == 0 ? Read(given).Request : null;
        string? name = typed?.Recipe;
        var recipe = _book.All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? _book.Find(RecipeBook.Default);
        if (typed?.Conditional == true)
            recipe = recipe.ConditionalForm ?? recipe;
        return new TrainArguments { Request = request.Complete(recipe, MnistFiles.Shape) with { Recipe = recipe.Name } };
    }

    /// <summary>Returns what was asked for: by another run's settings, if there are any, and by what was typed.</summary>
    /// <exception cref="GanException">Usage: an unknown name, values that exclude each other. Data: damaged settings.</exception>
    public (TrainArguments Arguments, Recipe Recipe) Resolve(ParseResult given)
    {
        var defaults = new TrainArguments();
        if (Read(given).Settings is { } file)
        {
            var settings = SettingsFile.Read(file);
            var (before, facts) = (settings.Request, settings.Resolved.Dataset);
            // an old file has all values, whether they were asked for or not
            if (settings.Schema < SettingsFile.Schema && _book.All.Any(known => known.Name == before.Recipe))
            {
                var own = _book.Find(before.Recipe, before.AsWritten, before.Conditional);
                before = before.Without(own, new(facts.Height, facts.Width, facts.Channels));
            }
            defaults = defaults with { Request = before };
        }
        var asked = Options.Read(given, defaults);
        var request = asked.Request.Settled(name => Options[name].IsIn(given));
        var recipe = _book.Find(request.Recipe, request.AsWritten, request.Conditional);
        asked = asked with { Request = request, LeftOut = [.. LeftOut(asked.Request, request, recipe)] };
        Datasets.Check(request.Dataset);
        request.ObjectiveFor(recipe);
        if (request.Limit is { } limit && Datasets.ShapeOf(request.Dataset, request.Pictures) is { } shape)
            request.UsedOf(limit, recipe, shape); // checked before a download
        return (asked, recipe);
    }

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => Read(given).DryRun;

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var (asked, recipe) = Resolve(given);
        asked.Page.Check();
        var request = asked.Request;
        var device = DeviceChoice.Of(request.Device, request.Threads, fast: request.Fast);
        RunFolder.Check(asked.Output);
        foreach (string option in asked.LeftOut)
            screen.Warn($"{option} of {asked.Settings} is left out; type it, too, if it is meant.");
        device.Warn(screen);
        if (asked.DryRun)
        {
            new DryRun(screen, recipe, request, device).Say(asked.Output);
            return ExitCode.Done;
        }
        var stop = interruption.Finish("stopping");
        using var page = asked.Page.Serve ? new RunPage(asked.Page.Where, _book, screen) : null;
        return new TrainingRun
        {
            Recipe = recipe,
            Request = request,
            Asked = request,
            Device = device,
            Images = Open(request, device, screen, stop),
            Screen = screen,
            Stop = stop,
            Begun = Begin(interruption, page),
            ShowsMore = asked.Live,
        }.Train(asked.Output);
    }

    // options of a run's settings that another recipe or data set could have, too, and has only if they are typed
    private static IEnumerable<string> LeftOut(RunRequest asked, RunRequest request, Recipe recipe)
    {
        if (asked.Conditional && !request.Conditional && recipe.ConditionalForm is not null)
            yield return "--conditional";
        if (asked.DataDir is { } folder && request.DataDir is null && Datasets.IsSearchedFor(request.Dataset))
            yield return $"--data-dir {Invocation.Quoted(folder)}";
    }

    /// <summary>Returns what is done once a run's folder is there: it is shown, and signals are for its trainer.</summary>
    internal static Action<string, Trainer> Begin(Interruption interruption, RunPage? page) => (run, trainer) =>
    {
        interruption.Finish("finishing the step, then a checkpoint");
        interruption.OnCheckpoint(trainer.RequestCheckpoint);
        page?.Show(run);
    };

    /// <summary>Opens the data set of a request, or of a run that is resumed.</summary>
    internal static ImageSet Open(
        RunRequest request, DeviceChoice device, Screen screen, CancellationToken cancel, bool isResumed = false)
    {
        var data = screen.During(() => Datasets.Open(new DatasetRequest(request.Dataset)
        {
            DataDir = request.DataDir,
            Progress = new DownloadLines(screen),
            Cancel = cancel,
            Reading = new ReadingLines(screen),
            ListsAll = screen.IsVerbose,
            SkipBadFiles = request.SkipBadFiles,
            IsResumed = isResumed,
            Pictures = request.Pictures,
            DigitsCount = Math.Min(request.Limit ?? Digits.DefaultCount, Digits.DefaultCount),
            Threads = device.HostThreads,
        }));
        screen.Say($"data    {data.Description}");
        foreach (string warning in data.Warnings)
            screen.Warn(warning);
        _ = Task.Run(() => data.Images.Sha256, CancellationToken.None); // computed ahead, for the settings
        return data.Images;
    }
}

/// <summary>The options of `gan train`: those of a run, and where they come from and where it goes.</summary>
internal sealed record TrainArguments
{
    /// <summary>What `--live` does.</summary>
    public const string LiveDescription = "Shows curves and the newest pictures on the terminal while it trains";

    /// <summary>What is asked of the run.</summary>
    [Options]
    public RunRequest Request { get; init; } = new();

    /// <summary>Options of the other run's settings that what was typed leaves out.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>The settings of another run.</summary>
    [Option(
        "--settings", "Starts from what another run was asked for; other options change it", Group = "What is trained", Value = "FILE|RUN")]
    public string? Settings { get; init; }

    /// <summary>The run's folder.</summary>
    [Option(
        "--output", "A new or empty folder for the run",
        Group = "Pictures and checkpoints", Value = "DIR", Default = $"{RunFolder.Parent}/NNNN-recipe-dataset")]
    public string? Output { get; init; }

    /// <summary>Whether curves and pictures are shown on the terminal.</summary>
    [Option("--live", LiveDescription, Group = "General")]
    public bool Live { get; init; }

    /// <summary>The page of the run.</summary>
    [Options]
    public OwnPageRequest Page { get; init; } = new();

    /// <summary>Whether nothing is trained.</summary>
    [Option("--dry-run", "Shows settings, networks, memory, disk and time, without training", Group = "General")]
    public bool DryRun { get; init; }
}

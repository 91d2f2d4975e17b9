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

/// <summary>`gan resume`: resumes a run, which ends in the same bytes as one without interruption.</summary>
internal sealed class ResumeCommand(RecipeBook book) : GanCommand<ResumeCommand.Request>(
    "resume", "Resumes a run where it stopped, with its own settings where no others are given",
    option => option.Option.MayChange || !option.Path.StartsWith("run.", StringComparison.Ordinal))
{
    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan resume runs/0001-odog-mnist", "resumes after Ctrl-C, a kill or a power cut"),
        ("gan resume runs/0001-odog-mnist --epochs 200", "lengthens a finished run; lengths count from its start"),
        ("gan resume runs/0001-odog-mnist --device cuda", "resumes on another device"),
    ];

    /// <inheritdoc/>
    public override object? Defaults(ParseResult given) => null; // the run's own

    /// <inheritdoc/>
    public override string? DescriptionOf(string option) => option switch
    {
        "--data-dir" => "Where the same pictures are, if they were moved: a folder, a .zip or an .npz",
        "--epochs" => "A new end, in epochs from the start of the run",
        "--steps" => "A new end, in steps from the start of the run",
        "--threads" => "Threads of the cpu",
        _ => null,
    };

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => false;

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        asked.Page.Check();
        bool IsTyped(string name) => Options.All.Any(option => option.Property.Option.Name == name && option.IsIn(given));
        string run = asked.Folder ?? throw new GanException(
            ExitCode.Usage, "`gan resume` needs a run: `gan resume runs/0001-odog-mnist`.");
        if (File.Exists(run))
            throw new GanException(ExitCode.Usage, $"{run} is a file. Name the run's folder; `--from FILE` names one of its checkpoints.");
        using var alone = RunFolder.Lock(run); // before anything is read that another one may change
        var settings = SettingsFile.Read(run);
        string file = Path.Combine(run, SettingsFile.Name);
        var typed = Options.Read(given, new Request { Run = settings.Request }).Run.Settled(IsTyped);
        if (book.All.All(known => !known.Name.Equals(typed.Recipe, StringComparison.OrdinalIgnoreCase)))
            throw SettingsFile.Damaged(file, $"its 'recipe' is '{typed.Recipe}', no recipe that is known here");
        var request = AsItRan(typed, given, settings)
            ?? throw SettingsFile.Damaged(file, "its 'dataset' is missing");
        if (!Datasets.Names.Contains(request.Dataset) && !Path.Exists(request.Dataset))
        {
            throw new GanException(
                ExitCode.Data, $"{request.Dataset}: the pictures of {run} are not there. Name the place where they are with --data-dir.");
        }
        var recipe = book.Find(request.Recipe, request.AsWritten, request.Conditional);
        request.ObjectiveFor(recipe);
        var device = DeviceChoice.Of(request.Device, request.Threads, fast: request.Fast);
        device.Warn(screen);
        var from = FindCheckpoint(run, asked.From, screen);
        var stop = interruption.Finish("stopping");
        using var page = asked.Page.Serve ? new RunPage(asked.Page.Where, book, screen) : null;
        return new TrainingRun
        {
            Recipe = recipe,
            Request = request,
            Asked = AskedOf(typed, request, recipe, settings),
            Device = device,
            Images = TrainCommand.Open(request, device, screen, stop, isResumed: true),
            Screen = screen,
            Stop = stop,
            Begun = TrainCommand.Begin(interruption, page),
            ShowsMore = asked.Live,
        }.Resume(run, settings, from);
    }

    // with the data and the device that the run found, unless others were typed
    private RunRequest? AsItRan(RunRequest typed, ParseResult given, RunSettings settings)
    {
        if (RunDataset.Of(settings.Resolved.Dataset) is not { } data)
            return null;
        bool moved = Options["--data-dir"].IsIn(given), device = Options["--device"].IsIn(given);
        bool threads = Options["--threads"].IsIn(given);
        bool namedSet = Datasets.Names.Contains(data.Name); // otherwise the name is the folder
        return typed with
        {
            Dataset = !namedSet && moved ? typed.DataDir! : data.Name,
            DataDir = !namedSet ? null : moved ? typed.DataDir : data.Folder,
            Device = device ? typed.Device : settings.Device,
            Threads = device || threads ? typed.Threads : settings.Threads,
            Samples = settings.Resolved.Samples, // an older version's grid may have another size
        };
    }

    // what the settings keep: an old file has all values, whether they were asked for or not
    private static RunRequest AskedOf(RunRequest typed, RunRequest request, Recipe recipe, RunSettings settings)
    {
        var facts = settings.Resolved.Dataset;
        if (!Datasets.Names.Contains(request.Dataset))
            typed = typed with { Dataset = request.Dataset, DataDir = null };
        return settings.Schema < SettingsFile.Schema ? typed.Without(recipe, new(facts.Height, facts.Width, facts.Channels)) : typed;
    }

    private static Checkpoint? FindCheckpoint(string run, string? asked, Screen screen)
    {
        var folder = new CheckpointFolder(RunFolder.CheckpointsOf(run));
        int[] steps = folder.Steps();
        if (asked is null && steps.Length == 0)
        {
            screen.Say($"{run} has no checkpoint yet: it starts again, with the same settings");
            return null;
        }
        string path = asked ?? folder.PathOf(steps[^1]);
        try
        {
            return Checkpoint.Read(path);
        }
        catch (GanException fault) when (fault.Code == ExitCode.Data)
        {
            string full = Path.GetFullPath(path);
            int place = Array.FindIndex(steps, step => Path.GetFullPath(folder.PathOf(step)) == full);
            if (place < 0)
                throw; // no checkpoint of this run
            string older = place > 0 ? Invocation.Quoted(folder.PathOf(steps[place - 1])) : "";
            string advice = place > 0
                ? $"`gan resume {Invocation.Quoted(run)} --from {older}` resumes from the one before it."
                : "There is no older one: train again.";
            throw new GanException(ExitCode.Data, $"{fault.Message} {advice}", fault);
        }
    }

    /// <summary>What may change when a run is resumed.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder")]
        public string? Folder { get; init; }

        [Options]
        public RunRequest Run { get; init; } = new();

        [Option("--live", TrainArguments.LiveDescription, Group = "General")]
        public bool Live { get; init; }

        [Options]
        public OwnPageRequest Page { get; init; } = new();

        [Option("--from", "A checkpoint to resume from", Group = "Pictures and checkpoints", Value = "FILE", Default = "the newest")]
        public string? From { get; init; }
    }
}

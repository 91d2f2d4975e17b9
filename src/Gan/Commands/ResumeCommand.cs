using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan resume`: a run goes on where it stopped, and ends in the same bytes as one that never stopped.</summary>
internal sealed class ResumeCommand : GanCommand
{
    private readonly RecipeBook _book;
    private readonly Argument<string> _run;
    private readonly Option<string> _epochs, _steps, _device, _threads, _dataDir, _checkpointEvery, _keep, _abortOn, _from;

    public ResumeCommand(RecipeBook book)
        : base("resume", "Goes on with a run where it stopped, with its own settings")
    {
        _book = book;
        _run = new Argument<string>("RUN") { Description = "The run's folder", Arity = ArgumentArity.ZeroOrOne };
        Add(_run);
        _epochs = Value("--epochs", "N", "Another end, in epochs from the run's beginning");
        _steps = Value("--steps", "N", "Another end, in steps from the run's beginning");
        _device = Value("--device", DeviceChoice.Kinds, "Where it computes; where it did, unless given");
        _threads = Value("--threads", "N", "Threads of the cpu; as many as before unless given");
        _dataDir = Value("--data-dir", "DIR", "Where the same pictures lie now, if they were moved");
        (_checkpointEvery, _keep) = (TrainOptions.CheckpointEveryOption(Value), TrainOptions.KeepOption(Value));
        _abortOn = TrainOptions.AbortOnOption(Value);
        _from = Value("--from", "FILE", "An older checkpoint to go on from; the newest unless given");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan resume runs/0001-odog-mnist", "goes on after Ctrl-C, a kill or a power cut"),
        ("gan resume runs/0001-odog-mnist --epochs 200", "makes a finished run longer"),
        ("gan resume runs/0001-odog-mnist --device cuda", "goes on on another device"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = given.GetValue(_run) ?? throw new GanException(
            ExitCode.Usage, "`gan resume` needs a run: `gan resume runs/0001-odog-mnist`.");
        if (File.Exists(run))
            throw new GanException(ExitCode.Usage, $"{run} is a file. Name the run's folder; `--from FILE` names one of its checkpoints.");
        var standing = RunSettings.Read(_book, run, given.GetValue(_device), given.Whole(_threads, 1, DeviceChoice.MostThreads));
        var request = Request(standing, given);
        using var alone = DirectoryLock.Lock(run) ?? throw new GanException(
            ExitCode.Usage, $"{run} is in use: another gan is training in it. Wait until it has ended, or end it.");
        request.Device.Warn(screen);
        var from = FindCheckpoint(run, given.GetValue(_from), screen);
        using var interruption = new Interruption();
        return TrainingRun.Resume(request, TrainCommand.Open(request, screen, interruption.Token), from, screen, interruption.Token);
    }

    private TrainRequest Request(TrainRequest standing, ParseResult given)
    {
        int? epochs = given.Whole(_epochs, 1), steps = given.Whole(_steps, 1);
        string? dataDir = given.GetValue(_dataDir);
        bool namedSet = Datasets.Names.Contains(standing.Dataset); // otherwise its name is the folder
        return standing with
        {
            Epochs = epochs is null && steps is null ? standing.Epochs : epochs,
            Steps = epochs is null && steps is null ? standing.Steps : steps,
            Dataset = namedSet ? standing.Dataset : dataDir ?? standing.Dataset,
            DataDir = namedSet ? dataDir ?? standing.DataDir : null,
            CheckpointEvery = given.Whole(_checkpointEvery, 1) ?? standing.CheckpointEvery,
            Keep = given.Whole(_keep, 1) ?? standing.Keep,
            AbortOnCollapse = TrainOptions.AbortsOnCollapse(given, _abortOn) ?? standing.AbortOnCollapse,
        };
    }

    private static Checkpoint? FindCheckpoint(string run, string? asked, Screen screen)
    {
        var folder = new CheckpointFolder(RunFolder.CheckpointsOf(run));
        int[] steps = folder.Steps();
        if (asked is null && steps.Length == 0)
        {
            screen.Say($"{run} has no checkpoint yet: it begins again, under the same settings");
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
            string advice = place > 0
                ? $"`gan resume {run} --from {folder.PathOf(steps[place - 1])}` goes on from the one before it."
                : "There is no older one: train the run anew.";
            throw new GanException(ExitCode.Data, $"{fault.Message} {advice}", fault);
        }
    }
}

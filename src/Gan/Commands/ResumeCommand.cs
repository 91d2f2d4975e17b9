using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan resume`: resumes a run, which ends in the same bytes as one without interruption.</summary>
internal sealed class ResumeCommand : GanCommand
{
    private readonly RecipeBook _book;
    private readonly Argument<string> _run;
    private readonly Option<string> _epochs, _steps, _device, _threads, _dataDir, _checkpointEvery, _keep, _abortOn, _from;

    public ResumeCommand(RecipeBook book)
        : base("resume", "Resumes a run where it stopped, with its own settings")
    {
        _book = book;
        _run = OptionalRun("A run's folder");
        _epochs = Value("--epochs", "N", "A new end, in epochs from the start of the run");
        _steps = Value("--steps", "N", "A new end, in steps from the start of the run");
        _device = Value("--device", DeviceChoice.Kinds, "The device [default: the same]");
        _threads = Value("--threads", "N", "Threads of the cpu [default: the same]");
        _dataDir = Value("--data-dir", "DIR", "The folder of the same pictures, if they were moved");
        (_checkpointEvery, _keep) = (TrainOptions.CheckpointEveryOption(Value), TrainOptions.KeepOption(Value));
        _abortOn = TrainOptions.AbortOnOption(Value);
        _from = Value("--from", "FILE", "A checkpoint to resume from [default: the newest]");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan resume runs/0001-odog-mnist", "resumes after Ctrl-C, a kill or a power cut"),
        ("gan resume runs/0001-odog-mnist --epochs 200", "lengthens a finished run"),
        ("gan resume runs/0001-odog-mnist --device cuda", "resumes on another device"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = given.GetValue(_run) ?? throw new GanException(
            ExitCode.Usage, "`gan resume` needs a run: `gan resume runs/0001-odog-mnist`.");
        if (File.Exists(run))
            throw new GanException(ExitCode.Usage, $"{run} is a file. Name the run's folder; `--from FILE` names one of its checkpoints.");
        var settings = RunSettings.Read(_book, run, given.GetValue(_device), given.Whole(_threads, 1, DeviceChoice.MostThreads));
        var request = Request(settings, given);
        using var alone = DirectoryLock.Lock(run) ?? throw new GanException(
            ExitCode.Usage, $"{run} is in use by another gan. Wait until that has ended, or end it.");
        request.Device.Warn(screen);
        var from = FindCheckpoint(run, given.GetValue(_from), screen);
        using var interruption = new Interruption();
        return TrainingRun.Resume(request, TrainCommand.Open(request, screen, interruption.Token), from, screen, interruption.Token);
    }

    private TrainRequest Request(TrainRequest settings, ParseResult given)
    {
        int? epochs = given.Whole(_epochs, 1), steps = given.Whole(_steps, 1);
        string? dataDir = given.GetValue(_dataDir);
        bool namedSet = Datasets.Names.Contains(settings.Dataset); // otherwise the name is the folder
        return settings with
        {
            Epochs = epochs is null && steps is null ? settings.Epochs : epochs,
            Steps = epochs is null && steps is null ? settings.Steps : steps,
            Dataset = namedSet ? settings.Dataset : dataDir ?? settings.Dataset,
            DataDir = namedSet ? dataDir ?? settings.DataDir : null,
            CheckpointEvery = given.Whole(_checkpointEvery, 1) ?? settings.CheckpointEvery,
            Keep = given.Whole(_keep, 1) ?? settings.Keep,
            AbortOnCollapse = TrainOptions.AbortsOnCollapse(given, _abortOn) ?? settings.AbortOnCollapse,
        };
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
            string advice = place > 0
                ? $"`gan resume {run} --from {folder.PathOf(steps[place - 1])}` resumes from the one before it."
                : "There is no older one: train again.";
            throw new GanException(ExitCode.Data, $"{fault.Message} {advice}", fault);
        }
    }
}

using System.Diagnostics;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>A training run from its first line on the screen to its last file.</summary>
internal sealed class TrainingRun
{
    /// <summary>The recipe that trains.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>What else is asked for.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>What the settings keep of it: without the data and the device that were found.</summary>
    public required RunRequest Asked { get; init; }

    /// <summary>The device that trains.</summary>
    public required DeviceChoice Device { get; init; }

    /// <summary>The pictures.</summary>
    public required ImageSet Images { get; init; }

    /// <summary>The screen.</summary>
    public required Screen Screen { get; init; }

    /// <summary>Stops the run between two steps.</summary>
    public required CancellationToken Stop { get; init; }

    /// <summary>Whether curves and pictures are shown on the terminal.</summary>
    public bool ShowsMore { get; init; }

    /// <summary>Called with the run's folder and its trainer once the settings are written; null: nobody asks.</summary>
    public Action<string, Trainer>? Begun { get; init; }

    /// <summary>Trains a new run, and writes its folder.</summary>
    /// <param name="output">The folder; null: the next number's.</param>
    /// <exception cref="GanException">Usage: the folder or the batch. Data: the weights to start with. Diverged, Writing: as they
    /// say.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public ExitCode Train(string? output)
    {
        using var device = Device.Open();
        using var trainer = NewTrainer(device);
        foreach (string warning in Warnings(trainer, Request, Images.Count))
            Screen.Warn(warning);
        GridSink.RequireRoom(trainer);
        using var folder = RunFolder.Create(output, Recipe.Name, Images.Name);
        return Train(trainer, folder, from: null);
    }

    /// <summary>Resumes a run in its folder.</summary>
    /// <param name="name">The folder.</param>
    /// <param name="settings">The settings that the run began with.</param>
    /// <param name="from">The checkpoint to resume; null: the run starts again.</param>
    /// <exception cref="GanException">Usage: it would be another run. Data: the checkpoint. Diverged, Writing: as they say.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public ExitCode Resume(string name, RunSettings settings, Checkpoint? from)
    {
        using var device = Device.Open();
        using var trainer = from is null ? NewTrainer(device) : new Trainer(Recipe, Request, Images, device);
        var was = from is null ? settings.Resolved : FixedSettings.Of(from);
        if (from is not null)
            trainer.InitialWeights = Request.InitFrom is null ? null : was.InitFrom ?? Request.InitFrom;
        var now = FixedSettings.Of(trainer);
        now.RequireSame(name, was);
        now.RequireSame(name, settings.Resolved);
        if (from is not null)
        {
            trainer.Resume(from);
            AppendLog.RequireLines(RunFolder.LossesOf(name), 1 + trainer.Epochs); // before anything in the folder is changed
            AppendLog.RequireLines(RunFolder.MetricsOf(name), trainer.Epochs);
            LossCsvSink.RequireKnownColumns(RunFolder.LossesOf(name), Recipe);
            // before what goes with them: a kill in between must not leave a newer one without its lines and grids
            new CheckpointFolder(RunFolder.CheckpointsOf(name)).Remove(steps => steps.Where(step => step > trainer.Step));
        }
        int epochs = trainer.Epochs;
        var folder = RunFolder.Resume(name, epoch => from is not null && epoch <= epochs && trainer.IsSampled(epoch));
        return Train(trainer, folder, from);
    }

    private Trainer NewTrainer(Device device)
    {
        var trainer = new Trainer(Recipe, Request, Images, device);
        if (Request.InitFrom is not null)
            InitialWeights.Load(Request.InitFrom, trainer);
        return trainer;
    }

    /// <summary>Says what of the pictures and of what was asked for won't be used.</summary>
    /// <param name="trainer">The run.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="count">Pictures of the set.</param>
    public static IEnumerable<string> Warnings(Trainer trainer, RunRequest request, int count)
    {
        int aside = Batches.SetAsideOf(trainer.Recipe, count);
        string used = $"{trainer.ImagesUsed:N0} pictures are used";
        if (request.Limit > trainer.ImagesUsed)
            yield return $"--limit {request.Limit:N0} is more than there are: {(aside > 0 ? "" : "all ")}{used}.";
        if (aside > 0)
            yield return $"The first {aside:N0} pictures are set aside, as the document behind {trainer.Recipe.Name} does: {used}.";
        int shown = request.GridFor(trainer.Recipe, trainer.Model.Classes).Samples;
        if (shown < trainer.Model.Classes)
            yield return $"Grids show {shown} of {trainer.Model.Classes} classes; --samples {trainer.Model.Classes} would show each.";
        if (trainer.LeavesAverage)
            yield return "--init-from: the networks themselves go on, and not the average of G that the other run's grids show; see --ema.";
    }

    private ExitCode Train(Trainer trainer, RunFolder folder, Checkpoint? from)
    {
        foreach (var (what, value) in Announcement(trainer, Device, folder.Name))
            Screen.Say($"{what,-8}{value}");
        if (from is not null)
            Screen.Say($"{"from",-8}{from.Path}: step {trainer.Step:N0} of {trainer.TotalSteps:N0}");
        bool isDone = trainer.Step == trainer.TotalSteps;
        if (isDone)
            Screen.Say("Nothing is left to train; a higher --epochs or --steps would make the run longer.");

        long began = Stopwatch.GetTimestamp();
        RunSettings.Write(folder, Asked, Device, trainer);
        Begun?.Invoke(folder.Name, trainer);
        var grids = new GridSink(folder, trainer, Screen);
        IRunSink[] forOthers = Request.Tensorboard ? [new TensorBoardSink(folder, trainer)] : [];
        IRunSink[] view = ShowsMore && Screen.IsTerminal ? [new LiveViewSink(Screen, trainer)] : [];
        if (ShowsMore && !Screen.IsTerminal)
            Screen.Warn($"--live needs a terminal. `gan serve {Invocation.Quoted(folder.Name)}` shows the same, and more, in a browser.");
        using var sinks = new RunSinks(
        [
            new LossCsvSink(folder, trainer),
            new MetricsJsonlSink(folder, trainer),
            new StepsCsvSink(folder, trainer),
            new ScoresSink(folder, trainer),
            .. view,
            new ConsoleSink(Screen, trainer),
            new DiagnosisSink(Screen, trainer),
            new GeneratorSink(folder, trainer, Screen),
            new CurveSink(folder, trainer, Screen),
            grids,
            .. forOthers,
            new CheckpointSink(folder, trainer),
        ]);
        sinks.Begin(from);
        bool ended;
        try
        {
            ended = Screen.During(() => trainer.Run(sinks, Stop));
        }
        catch (Exception fault) when (fault is GanException { Code: ExitCode.Diverged } or DeviceException)
        {
            EndFailed(sinks);
            throw;
        }
        sinks.End(ended ? RunEnd.Completed : RunEnd.Interrupted);

        string time = ConsoleSink.Describe(Stopwatch.GetElapsedTime(began).TotalSeconds);
        if (!ended)
        {
            Screen.Error(
                $"Interrupted after step {trainer.Step:N0} of {trainer.TotalSteps:N0}; "
                + $"`gan resume {Invocation.Quoted(folder.Name)}` resumes it there.");
            Screen.Say($"{folder.Name} holds");
        }
        else
        {
            Screen.Say($"{(isDone ? "" : $"Done: {Plural.Of(trainer.TotalSteps, "step")} in {time}. ")}{folder.Name} holds");
        }
        SayWhatIsThere(folder, grids.LastGrid);
        return ended ? ExitCode.Done : ExitCode.Interrupted;
    }

    /// <summary>Ends the sinks of a run that failed; a file that can't be written then is a warning beside the run's own fault.</summary>
    private void EndFailed(RunSinks sinks)
    {
        try
        {
            sinks.End(RunEnd.Failed);
        }
        catch (GanException fault)
        {
            Screen.Warn(fault.Message);
        }
    }

    /// <summary>Lists what trains, where, for how long, and the output.</summary>
    public static IEnumerable<(string What, string Value)> Announcement(Trainer trainer, DeviceChoice device, string folder)
    {
        yield return ("recipe", $"{trainer.Recipe.Name}: {trainer.Recipe.Summary}");
        if (trainer.Objective != new Objective())
            yield return ("losses", $"{trainer.Objective}");
        if (trainer.Request.InitFrom is { } run)
            yield return ("weights", $"those of {run}");
        yield return ("device", $"{device}");
        string epoch = $"{Plural.Of(trainer.StepsPerEpoch, "step")} an epoch on {Plural.Of(trainer.ImagesUsed, "picture")}";
        yield return ("length", $"{Plural.Of(trainer.TotalSteps, "step")} of {Plural.Of(trainer.Batch, "picture")}; {epoch}");
        yield return ("seed", $"{trainer.Request.Seed}");
        yield return ("output", folder);
    }

    private void SayWhatIsThere(RunFolder folder, string lastGrid)
    {
        string checkpoint = Path.GetRelativePath(folder.Name, new CheckpointFolder(folder.Checkpoints).Newest() ?? folder.Checkpoints);
        (string File, string What)[] files =
        [
            (lastGrid, "the latest pictures; samples/real.png has real ones to compare"),
            ("training.gif", "the sample grids one after another, at most 300 of them"),
            ("loss.svg", "the curves of losses, accuracy and energy distance"),
            ("loss.csv, metrics.jsonl", "the same as numbers"),
            ("steps.csv, scores.jsonl", "losses of single steps, and D's outputs after each epoch"),
            ("generator.safetensors", "the generator's weights"),
            (checkpoint, "all that is needed to resume"),
        ];
        int width = files.Max(file => file.File.Length);
        foreach (var (file, what) in files.Where(file => file.File.Split(", ").All(name => File.Exists(Path.Combine(folder.Name, name)))))
            Screen.Say($"  {file.PadRight(width)}  {what}");
    }
}

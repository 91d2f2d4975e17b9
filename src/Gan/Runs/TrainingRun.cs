using System.Diagnostics;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>A training run from its first line on the screen to its last file.</summary>
internal static class TrainingRun
{
    /// <summary>Trains and writes the run's folder.</summary>
    /// <exception cref="GanException">Usage: the folder or the batch. Diverged, Writing: as they say.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static ExitCode Run(TrainRequest request, ImageSet images, Screen screen, CancellationToken stop)
    {
        if (request.Limit > images.Count)
            screen.Warn($"--limit {request.Limit} is more than there are: all {images.Count:N0} pictures are used.");
        var plan = request.Plan(images);
        using var device = request.Device.Open();
        using var trainer = new Trainer(plan, device);
        var folder = RunFolder.Create(request.Output, plan.Recipe.Name, images.Name);
        using var alone = DirectoryLock.Lock(folder.Name);
        return Train(request, plan, trainer, folder, from: null, screen, stop);
    }

    /// <summary>Resumes a run in its folder, the request's output.</summary>
    /// <param name="request">The run's own request, but for what may change.</param>
    /// <param name="images">The same pictures.</param>
    /// <param name="from">The checkpoint to resume; null: the run starts again.</param>
    /// <param name="screen">The screen.</param>
    /// <param name="stop">Stops it between two steps.</param>
    /// <exception cref="GanException">Usage: it would be another run. Data: the checkpoint. Diverged, Writing: as they say.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static ExitCode Resume(TrainRequest request, ImageSet images, Checkpoint? from, Screen screen, CancellationToken stop)
    {
        string name = request.Output!;
        var plan = request.Plan(images);
        using var device = request.Device.Open();
        using var trainer = new Trainer(plan, device);
        RunSettings.RequireSame(from is null ? null : from.Text(RunSettings.CheckpointText), name, plan, trainer);
        if (from is not null)
        {
            trainer.Resume(from);
            AppendLog.RequireLines(RunFolder.LossesOf(name), 1 + trainer.Epochs); // before anything in the folder is changed
            AppendLog.RequireLines(RunFolder.MetricsOf(name), trainer.Epochs);
            // before what goes with them: a kill in between must not leave a newer one without its lines and grids
            new CheckpointFolder(RunFolder.CheckpointsOf(name)).Remove(steps => steps.Where(step => step > trainer.Step));
        }
        int epochs = trainer.Epochs;
        var folder = RunFolder.Resume(name, epoch => from is not null && epoch <= epochs && plan.IsSampled(epoch));
        return Train(request, plan, trainer, folder, from, screen, stop);
    }

    private static ExitCode Train(
        TrainRequest request, TrainingPlan plan, Trainer trainer, RunFolder folder, Checkpoint? from, Screen screen, CancellationToken stop)
    {
        foreach (var (what, value) in Announcement(request, trainer, plan.ImagesUsed, folder.Name))
            screen.Say($"{what,-8}{value}");
        if (from is not null)
            screen.Say($"{"from",-8}{from.Path}: step {trainer.Step:N0} of {trainer.TotalSteps:N0}");
        if (trainer.Step == trainer.TotalSteps)
            screen.Say("Nothing is left to train; a higher --epochs or --steps would make the run longer.");

        long began = Stopwatch.GetTimestamp();
        RunSettings.Write(folder, request, plan, trainer);
        var grids = new GridSink(folder, plan, trainer, request.Grid, screen);
        using var sinks = new RunSinks(
        [
            new LossCsvSink(folder, plan.Recipe, trainer),
            new MetricsJsonlSink(folder, plan.Recipe, trainer),
            new ConsoleSink(screen, plan.Recipe, trainer, plan.Batch * plan.Objective.DiscriminatorSteps),
            new DiagnosisSink(screen, trainer),
            new GeneratorSink(folder, plan, trainer, screen),
            new CurveSink(folder, plan, screen),
            grids,
            new CheckpointSink(folder, plan, trainer, request.Keep),
        ]);
        sinks.Begin(from);
        bool ended;
        try
        {
            ended = screen.During(() => trainer.Run(sinks, stop));
        }
        catch (Exception fault) when (fault is GanException { Code: ExitCode.Diverged } or DeviceException)
        {
            EndFailed(sinks, screen);
            throw;
        }
        sinks.End(ended ? RunEnd.Completed : RunEnd.Interrupted);

        string time = ConsoleSink.Describe(Stopwatch.GetElapsedTime(began).TotalSeconds);
        if (!ended)
        {
            Console.Error.WriteLine(
                $"Interrupted after step {trainer.Step:N0} of {trainer.TotalSteps:N0}; `gan resume {folder.Name}` resumes it there.");
            screen.Say($"{folder.Name} holds");
        }
        else
        {
            screen.Say($"Done: {Plural.Of(trainer.TotalSteps, "step")} in {time}. {folder.Name} holds");
        }
        SayWhatIsThere(screen, folder, grids.LastGrid);
        return ended ? ExitCode.Done : ExitCode.Interrupted;
    }

    /// <summary>Ends the sinks of a run that failed; a file that can't be written then is a warning beside the run's own fault.</summary>
    private static void EndFailed(RunSinks sinks, Screen screen)
    {
        try
        {
            sinks.End(RunEnd.Failed);
        }
        catch (GanException fault)
        {
            screen.Warn(fault.Message);
        }
    }

    /// <summary>Lists what trains, where, for how long, and the output.</summary>
    public static IEnumerable<(string What, string Value)> Announcement(TrainRequest request, Trainer trainer, int used, string folder)
    {
        yield return ("recipe", $"{request.Recipe.Name}: {request.Recipe.Summary}");
        if (request.Objective != new Objective())
            yield return ("losses", $"{request.Objective}");
        yield return ("device", $"{request.Device}");
        string epoch = $"{Plural.Of(trainer.StepsPerEpoch, "step")} an epoch on {Plural.Of(used, "picture")}";
        yield return ("length", $"{Plural.Of(trainer.TotalSteps, "step")} of {Plural.Of(trainer.Batch, "picture")}; {epoch}");
        yield return ("seed", $"{request.Seed}");
        yield return ("output", folder);
    }

    private static void SayWhatIsThere(Screen screen, RunFolder folder, string lastGrid)
    {
        string checkpoint = Path.GetRelativePath(folder.Name, new CheckpointFolder(folder.Checkpoints).Newest() ?? folder.Checkpoints);
        (string File, string What)[] files =
        [
            (lastGrid, "the latest pictures; samples/real.png has real ones to compare"),
            ("training.gif", "all sample grids, one after another"),
            ("loss.svg", "the curves of losses and accuracy"),
            ("loss.csv, metrics.jsonl", "the same as numbers"),
            ("generator.safetensors", "the generator's weights"),
            (checkpoint, "all that is needed to resume"),
        ];
        int width = files.Max(file => file.File.Length);
        foreach (var (file, what) in files.Where(file => file.File.Split(", ").All(name => File.Exists(Path.Combine(folder.Name, name)))))
            screen.Say($"  {file.PadRight(width)}  {what}");
    }
}

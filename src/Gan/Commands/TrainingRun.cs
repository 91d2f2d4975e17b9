using System.Diagnostics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

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
        foreach (var (what, value) in Announcement(request, trainer, plan.ImagesUsed, folder.Name))
            screen.Say($"{what,-8}{value}");

        long began = Stopwatch.GetTimestamp();
        folder.WriteSettings(request, plan, trainer);
        var recorder = new RunRecorder(folder, plan, trainer, request.Grid, new TrainingProgress(screen, trainer, plan.Batch * plan.Objective.DiscriminatorSteps));
        bool ended;
        try
        {
            recorder.WriteRealPictures(device);
            ended = screen.During(() => trainer.Run(recorder, stop));
        }
        catch (Exception fault) when (fault is GanException { Code: ExitCode.Diverged } or DeviceException)
        {
            recorder.WriteCurves(screen);
            throw;
        }
        GeneratorFile.Write(folder.Generator, plan, trainer.Model.Sampler);
        recorder.WriteCurves(screen);

        string time = TrainingProgress.Words(Stopwatch.GetElapsedTime(began).TotalSeconds);
        if (!ended)
        {
            Console.Error.WriteLine(
                $"Interrupted after step {recorder.LastStep:N0} of {trainer.TotalSteps:N0}; what was trained so far is in {folder.Name}. "
                + "The same command with a new --output, or with none, trains again from the start.");
            screen.Say($"{folder.Name} holds");
        }
        else
        {
            screen.Say($"Done: {Counted.Of(trainer.TotalSteps, "step")} in {time}. {folder.Name} holds");
        }
        SayWhatIsThere(screen, folder, recorder.LastGrid);
        return ended ? ExitCode.Done : ExitCode.Interrupted;
    }

    /// <summary>What trains where, for how long, and where it goes.</summary>
    public static IEnumerable<(string What, string Value)> Announcement(TrainRequest request, Trainer trainer, int used, string folder)
    {
        yield return ("recipe", $"{request.Recipe.Name}: {request.Recipe.Summary}");
        if (request.Objective != new Objective())
            yield return ("losses", $"{request.Objective}");
        yield return ("device", $"{request.Device}");
        string epoch = $"{Counted.Of(trainer.StepsPerEpoch, "step")} an epoch on {Counted.Of(used, "picture")}";
        yield return ("length", $"{Counted.Of(trainer.TotalSteps, "step")} of {Counted.Of(trainer.Model.Batch, "picture")}; {epoch}");
        yield return ("seed", $"{request.Seed}");
        yield return ("output", folder);
    }

    private static void SayWhatIsThere(Screen screen, RunFolder folder, string lastGrid)
    {
        (string File, string What)[] files =
        [
            (lastGrid, "the latest pictures; samples/real.png has real ones to compare"),
            ("training.gif", "all sample grids, one after another"),
            ("loss.svg", "the curves of losses and accuracy"),
            ("loss.csv, metrics.jsonl", "the same as numbers"),
            ("generator.safetensors", "the generator's weights"),
        ];
        int width = files.Max(file => file.File.Length);
        foreach (var (file, what) in files.Where(file => file.File.Split(", ").All(name => File.Exists(Path.Combine(folder.Name, name)))))
            screen.Say($"  {file.PadRight(width)}  {what}");
    }
}

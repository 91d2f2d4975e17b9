using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan train --dry-run`: shows data, settings, networks, memory, disk and time. Writes nothing.</summary>
/// <param name="screen">The screen.</param>
/// <param name="recipe">The recipe.</param>
/// <param name="request">What else is asked for.</param>
/// <param name="choice">The device.</param>
internal sealed class DryRun(Screen screen, Recipe recipe, RunRequest request, DeviceChoice choice)
{
    // .NET with its compiled code, and the program, measured on Linux
    private const double ProgramMib = 60;

    /// <summary>Shows what would be trained.</summary>
    /// <param name="output">The run's folder; null: the next number's.</param>
    public void Say(string? output)
    {
        var (name, where, count, shape, isLabelled, classes, sentence, warnings) = Data();
        int pixels = shape.Length, used = request.UsedOf(count, recipe, shape);
        if (!PictureRequest.HasRoom(used, shape))
            throw PictureRequest.TooMany(used, shape);
        // the trainer reads pictures only when it runs: black ones do
        var images = new ImageSet(name, where, used, shape, new byte[used * pixels], isLabelled ? new byte[used] : null, classes);
        using var device = choice.Open();
        using var trainer = new Trainer(recipe, request with { Limit = null }, images, device);
        GridSink.RequireRoom(trainer);
        if (request.InitFrom is not null)
            InitialWeights.Load(request.InitFrom, trainer);

        screen.Say($"{"data",-8}{sentence}");
        foreach (string warning in warnings.Concat(TrainingRun.Warnings(trainer, request, count)))
            screen.Warn(warning);
        string folder = RunFolder.Next(output, recipe.Name, name);
        foreach (var (what, value) in TrainingRun.Announcement(trainer, choice, folder))
            screen.Say($"{what,-8}{value}");
        screen.Say($"{"rates",-8}G {trainer.Model.GeneratorAdam.LearningRate}, D {trainer.Model.DiscriminatorAdam.LearningRate}");
        if (!trainer.Objective.KeepsOwnStep)
            screen.Say($"{"formula",-8}D {trainer.Objective.Loss.OfD}; G {trainer.Objective.Loss.OfG}");
        string often = trainer.SampleEvery == 1 ? "every epoch" : $"every {trainer.SampleEvery} epochs";
        var (samples, rows, columns) = request.GridFor(recipe, trainer.Model.Classes);
        string grid = $"{Plural.Of(rows, "row")} of {columns}";
        screen.Say($"{"samples",-8}{Plural.Of(samples, "picture")} in {grid}, {often}");
        screen.Say();
        NetworkSummary.Say(screen, "generator", trainer.Model.Generator, recipe.NoiseSize);
        screen.Say();
        NetworkSummary.Say(screen, "discriminator", trainer.Model.Discriminator, pixels * trainer.Objective.Pack);
        screen.Say();
        double networks = Mib(NetworkBytes(trainer.Model)), batches = Mib(BatchBytes(trainer.Objective, shape)),
            data = Mib((double)count * pixels);
        screen.Say($"memory  about {networks + batches + data + ProgramMib:N0} MiB: {networks:N1} for networks and optimisers, "
            + $"{batches:N1} for a step, {data:N1} for the data set, the rest for the program");
        string checkpoints = Plural.Of(request.Keep + 1, "checkpoint");
        screen.Say($"disk    about {DiskMib(trainer, samples * shape.Length):N0} MiB: {checkpoints}, and grids");
        double step = StepBenchmark.Estimate(recipe, trainer.Objective, device, shape, trainer.Batch);
        screen.Say(
            $"time    about {ConsoleSink.Describe(step * trainer.TotalSteps)} for {Plural.Of(trainer.TotalSteps, "step")} "
            + $"of {1e3 * step:0.0} ms, as it is now on {choice}");
        screen.Say("Nothing was trained or written.");
    }

    // neither downloads nor draws
    private Found Data()
    {
        int digits = Math.Min(request.Limit ?? Digits.DefaultCount, Digits.DefaultCount);
        if (request.Dataset == "digits")
        {
            string drawn = $"The built-in digits, {Plural.Of(digits, "picture")} drawn by the program.";
            return new(
                "digits", "built in", digits, request.Pictures.ShapeOf(Digits.Shape), true, null, drawn,
                Datasets.DigitsWarnings(request.DataDir));
        }
        var asked = new DatasetRequest(request.Dataset)
        {
            DataDir = request.DataDir,
            SkipBadFiles = request.SkipBadFiles,
            Pictures = request.Pictures,
            Reading = new ReadingLines(screen),
            ListsAll = screen.IsVerbose,
            KeepsDecoded = false,
            Threads = choice.HostThreads,
        };
        if (request.Dataset is "auto" or "mnist" && request.DataDir is null
            && Datasets.FindMnist(asked.SearchPath, asked.Part) is (null, _, var warnings))
        {
            string otherwise = request.Dataset == "auto" ? ", or draw the built-in digits if it can't" : "";
            string missing = $"MNIST, 60,000 pictures, which isn't here yet: training would download it{otherwise}.";
            return new(
                "mnist", "", MnistFiles.TrainingCount, request.Pictures.ShapeOf(MnistFiles.Shape), true, null, missing, warnings);
        }
        var found = Datasets.Open(asked);
        var images = found.Images;
        return new(
            images.Name, images.Where, images.Count, images.Shape, images.Labels is not null, images.Classes, found.Description,
            found.Warnings);
    }

    // a parameter, its gradient, and Adam's two moments
    private static double NetworkBytes(GanModel model)
    {
        double trained = 4.0 * (model.Generator.TrainableCount + model.Discriminator.TrainableCount);
        double average = model.Sampler == model.Generator ? 0 : model.Sampler.TotalCount;
        return sizeof(float) * (trained + average + model.Generator.Statistics.Sum(p => p.Value.Count));
    }

    // what is trained without its gradients, for each checkpoint that is kept; a grid is some third of its pixels as a PNG
    private double DiskMib(Trainer trainer, int bytesOfGrid)
    {
        double gradients = 4.0 * (trainer.Model.Generator.TrainableCount + trainer.Model.Discriminator.TrainableCount);
        double checkpoint = NetworkBytes(trainer.Model) - gradients;
        double grids = Math.Ceiling((double)trainer.TotalSteps / trainer.StepsPerEpoch / trainer.SampleEvery) + 2;
        return Mib(((request.Keep + 1) * checkpoint) + (grids * bytesOfGrid / 3));
    }

    // Measures the memory of a picture by two small steps, in both of which weights' gradients are deferred.
    private double BatchBytes(Objective objective, PictureShape shape)
    {
        int some = 32 * objective.Pack;
        return (StepBytes(objective, 2 * some, shape) - StepBytes(objective, some, shape)) / some * request.BatchFor(recipe, shape);
    }

    private double StepBytes(Objective objective, int batch, PictureShape shape)
    {
        using var device = new CpuDevice(threads: 1);
        var model = recipe.Build(new BuildContext(device, shape, Seed: 0) { Objective = objective, Classes = Classes });
        using var real = Tensor.Filled(device, new Shape(batch, shape.Length), 0f);
        using var noise = new TrainingNoise(recipe, device, seed: 0, Classes);
        using var runner = new StepRunner(recipe, model, objective, noise, batch, totalSteps: 1);
        using var labels = Tensor.Filled(device, new Shape(batch), 0f);
        runner.Run(0, recipe.IsConditional ? [real, labels] : [real], new DeferredMetrics(recipe.Metrics));
        return device.AllocatedBytes;
    }

    // a set as it would be trained on, without its pictures; classes that are null are the ten digits
    private sealed record Found(
        string Name, string Where, int Count, PictureShape Shape, bool IsLabelled, IReadOnlyList<string>? Classes, string Description,
        IReadOnlyList<string> Warnings);

    // a table of so many rows is next to nothing in memory
    private int Classes => recipe.IsConditional ? 10 : 0;

    private static double Mib(double bytes) => bytes / (1 << 20);
}

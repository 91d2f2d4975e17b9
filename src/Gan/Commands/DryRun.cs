using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan train --dry-run`: shows data, settings, networks and memory. Writes nothing.</summary>
internal static class DryRun
{
    // .NET with its compiled code, and the program, measured on Linux
    private const double ProgramMib = 60;

    /// <summary>Shows a dry run.</summary>
    public static void Say(Screen screen, TrainRequest request)
    {
        var (name, count, shape, sentence, warnings) = Data(request);
        int pixels = shape.Length, used = request.Used(count, shape);
        // the trainer reads pictures only when it runs: black ones do
        var images = new ImageSet(name, "", used, shape, new byte[used * pixels], null);
        using var device = request.Device.Open();
        using var trainer = new Trainer(request.Plan(images), device);

        screen.Say($"{"data",-8}{sentence}");
        foreach (string warning in warnings)
            screen.Warn(warning);
        string folder = RunFolder.Next(request.Output, request.Recipe.Name, name);
        foreach (var (what, value) in TrainingRun.Announcement(request, trainer, used, folder))
            screen.Say($"{what,-8}{value}");
        screen.Say($"{"rates",-8}G {trainer.Model.GeneratorAdam.LearningRate}, D {trainer.Model.DiscriminatorAdam.LearningRate}");
        if (!request.Objective.KeepsOwnStep)
            screen.Say($"{"formula",-8}D {request.Objective.Loss.OfD}; G {request.Objective.Loss.OfG}");
        string often = request.SampleEvery == 1 ? "every epoch" : $"every {request.SampleEvery} epochs";
        string grid = $"{Plural.Of(request.Grid.Rows, "row")} of {request.Grid.Columns}";
        screen.Say($"{"samples",-8}{Plural.Of(request.Samples, "picture")} in {grid}, {often}");
        screen.Say();
        NetworkSummary.Say(screen, "generator", trainer.Model.Generator, request.Recipe.NoiseSize);
        screen.Say();
        NetworkSummary.Say(screen, "discriminator", trainer.Model.Discriminator, pixels * request.Objective.Pack);
        screen.Say();
        double networks = Mib(NetworkBytes(trainer.Model)), batches = Mib(BatchBytes(request, shape)), data = Mib((double)count * pixels);
        screen.Say($"memory  about {networks + batches + data + ProgramMib:N0} MiB: {networks:N1} for networks and optimisers, "
            + $"{batches:N1} for a step, {data:N1} for the data set, the rest for the program");
        screen.Say("Nothing was trained or written.");
    }

    // neither downloads nor draws
    private static (string Name, int Count, PictureShape Shape, string Description, IReadOnlyList<string> Warnings) Data(
        TrainRequest request)
    {
        int digits = Math.Min(request.Limit ?? Digits.DefaultCount, Digits.DefaultCount);
        if (request.Dataset == "digits")
        {
            string drawn = $"The built-in digits, {Plural.Of(digits, "picture")} drawn by the program.";
            return ("digits", digits, Digits.Shape, drawn, Datasets.DigitsWarnings(request.DataDir));
        }
        var asked = new DatasetRequest(request.Dataset) { DataDir = request.DataDir, SkipBadFiles = request.SkipBadFiles };
        if (request.Dataset is "auto" or "mnist" && request.DataDir is null
            && Datasets.FindMnist(asked.SearchPath, asked.Part) is (null, _, var warnings))
        {
            string otherwise = request.Dataset == "auto" ? ", or draw the built-in digits if it can't" : "";
            string missing = $"MNIST, 60,000 pictures, which isn't here yet: training would download it{otherwise}.";
            return ("mnist", MnistFiles.TrainingCount, MnistFiles.Shape, missing, warnings);
        }
        var found = Datasets.Open(asked);
        var images = found.Images;
        return (images.Name, images.Count, images.Shape, found.Description, found.Warnings);
    }

    // a parameter, its gradient, and Adam's two moments
    private static double NetworkBytes(GanModel model)
    {
        double trained = 4.0 * (model.Generator.TrainableCount + model.Discriminator.TrainableCount);
        double average = model.Sampler == model.Generator ? 0 : model.Sampler.TotalCount;
        return sizeof(float) * (trained + average + model.Generator.Statistics.Sum(p => p.Value.Count));
    }

    // Measures the memory of a picture by two small steps, in both of which weights' gradients are deferred.
    private static double BatchBytes(TrainRequest request, PictureShape shape)
    {
        int some = 32 * request.Objective.Pack;
        return (StepBytes(request, 2 * some, shape) - StepBytes(request, some, shape)) / some * request.BatchFor(shape);
    }

    private static double StepBytes(TrainRequest request, int batch, PictureShape shape)
    {
        using var device = new CpuDevice(threads: 1);
        var (recipe, objective) = (request.Recipe, request.Objective);
        var model = recipe.Build(new BuildContext(device, shape, Seed: 0) { Objective = objective });
        using var real = Tensor.Filled(device, new Shape(batch, shape.Length), 0f);
        var runner = new StepRunner(recipe, model, objective, new TrainingNoise(recipe, device, seed: 0), batch, totalSteps: 1);
        runner.Run(0, [real], new DeferredMetrics(recipe.Metrics));
        return device.AllocatedBytes;
    }

    private static double Mib(double bytes) => bytes / (1 << 20);
}

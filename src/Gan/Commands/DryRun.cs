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

/// <summary>`gan train --dry-run`: what would be trained, on what, and how much memory it would take. Writes nothing.</summary>
internal static class DryRun
{
    // the runtime, its compiled code and the program's own, measured on Linux
    private const double ProgramMib = 60;

    /// <summary>Prints it.</summary>
    public static void Say(Screen screen, TrainRequest request)
    {
        var (name, count, shape, sentence, warnings) = Data(request);
        int pixels = shape.Length, used = request.Used(count, shape);
        // The trainer asks for pictures only when it runs, so black ones will do.
        var images = new ImageSet(name, "", used, shape.Height, shape.Width, shape.Channels, new byte[used * pixels], null);
        using var device = request.Device.Open();
        using var trainer = new Trainer(request.Plan(images), device);

        screen.Say($"{"data",-8}{sentence}");
        foreach (string warning in warnings)
            screen.Warn(warning);
        foreach (var (what, value) in TrainingRun.Announcement(request, trainer, used, RunFolder.Next(request.Output, request.Recipe.Name, name)))
            screen.Say($"{what,-8}{value}");
        screen.Say($"{"rates",-8}G {trainer.Model.GeneratorAdam.LearningRate}, D {trainer.Model.DiscriminatorAdam.LearningRate}");
        if (!request.Objective.KeepsOwnStep)
            screen.Say($"{"aims",-8}D {request.Objective.Loss.OfD}; G {request.Objective.Loss.OfG}");
        string often = request.SampleEvery == 1 ? "every epoch" : $"every {request.SampleEvery} epochs";
        screen.Say($"{"samples",-8}{Plural.Of(request.Samples, "picture")} in {Plural.Of(request.Grid.Rows, "row")} of {request.Grid.Columns}, {often}");
        screen.Say();
        NetworkSummary.Say(screen, "generator", trainer.Model.Generator, request.Recipe.NoiseSize);
        screen.Say();
        NetworkSummary.Say(screen, "discriminator", trainer.Model.Discriminator, pixels * request.Objective.Pack);
        screen.Say();
        double networks = Mib(NetworkBytes(trainer.Model)), batches = Mib(BatchBytes(request, shape)), data = Mib((double)count * pixels);
        screen.Say($"memory  about {networks + batches + data + ProgramMib:N0} MiB: {networks:N1} for networks and optimisers, "
            + $"{batches:N1} for the work on a batch, {data:N1} for the pictures, the rest for the program");
        screen.Say("Nothing was trained or written.");
    }

    // A dry run neither downloads nor draws: it only says what training would do.
    private static (string Name, int Count, PictureShape Shape, string Sentence, IReadOnlyList<string> Warnings) Data(TrainRequest request)
    {
        var grey = new PictureShape(MnistFiles.Size, MnistFiles.Size, 1);
        int digits = Math.Min(request.Limit ?? Digits.DefaultCount, Digits.DefaultCount);
        if (request.Dataset == "digits")
            return ("digits", digits, grey, $"The built-in digits, {Plural.Of(digits, "picture")} drawn by the program.", Datasets.DigitsWarnings(request.DataDir));
        var asked = new DatasetRequest(request.Dataset) { DataDir = request.DataDir, SkipBadFiles = request.SkipBadFiles };
        if (request.Dataset is "auto" or "mnist" && request.DataDir is null && Datasets.FindMnist(asked.Places, asked.Part) is (null, _, var passedOver))
        {
            string otherwise = request.Dataset == "auto" ? ", or draw the built-in digits where that is impossible" : "";
            return ("mnist", Digits.DefaultCount, grey, $"MNIST, 60,000 pictures, which isn't here yet: training would download it{otherwise}.", passedOver);
        }
        var found = Datasets.Open(asked);
        var images = found.Images;
        return (images.Name, images.Count, images.Shape, found.Sentence, found.Warnings);
    }

    // a number, its gradient, and Adam's two moments
    private static double NetworkBytes(GanModel model) => sizeof(float)
        * ((model.Sampler == model.Generator ? 0.0 : model.Sampler.TotalCount) + (4.0 * (model.Generator.TrainableCount + model.Discriminator.TrainableCount)) + model.Generator.Statistics.Sum(p => p.Value.Count));

    // Two small steps, as training takes them, tell what a picture more costs: so small that Adam takes weights' gradients unmade in both.
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

using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan modes`: counts the modes of toy sets that a loss finds.</summary>
internal sealed class ModesCommand() : GanCommand<ModesCommand.Request>(
    "modes", "Counts the modes that a small GAN finds of toy mixtures or stacked digits, with any loss")
{
    private const int MaxSeeds = 1000;

    /// <inheritdoc/>
    public override object? Defaults(ParseResult given) => new Request { Objective = ObjectiveRequest.Of(ModesRecipe.Preset) };

    /// <inheritdoc/>
    public override string? DescriptionOf(string option) =>
        option switch
        {
            "--device" => "The device; on the cpu, runs are side by side",
            "--serve" => "Serves a page where one mixture is trained step by step",
            _ => null,
        };

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan modes", $"the default loss: {ModesRecipe.Preset}"),
        ("gan modes --loss bce --set ring --seeds 0-9", "a plain GAN on eight modes, with ten seeds"),
        ("gan modes --loss bce --pack 2", "a plain GAN with a discriminator of pairs"),
        ("gan modes --set ring --serve", "a page where one mixture is trained before one's eyes, step by step"),
        ("gan modes --set stacked", "pictures of three digits each, a thousand modes; some 20 minutes"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        var objective = asked.Objective.Over(asked.Set == StackedDigits.SetName ? new StackedRecipe().Objective : ModesRecipe.Preset);
        var seeds = OptionValues.Seeds("--seeds", asked.Seeds, MaxSeeds);
        var choice = asked.On.Choose();
        asked.Page.Check();
        RequireFit(asked, objective);
        if (asked.Page.Serve)
            return Serve(asked, objective, seeds, screen, interruption);
        string? output = asked.Output;
        RunFolder.Check(output);
        choice.Warn(screen);
        using var device = choice.Open();
        using var stacked = asked.Set == StackedDigits.SetName ? Stack(asked, screen, device, choice.HostThreads) : null;
        IEnumerable<ModeSet> sets = stacked is not null
            ? [stacked]
            : Mixture.All.Where(mixture => asked.Set == "both" || mixture.Name == asked.Set);
        var runs = new List<ModesRun>();
        foreach (var set in sets)
        {
            Recipe recipe = set is Mixture mixture
                ? new ModesRecipe(mixture, asked.Layers, asked.Width)
                : new StackedRecipe(asked.Width);
            int size = asked.Batch ?? recipe.Batch;
            RequirePacks(size, objective);
            runs.AddRange(seeds.Select(seed => new ModesRun
            {
                Set = set,
                Recipe = recipe,
                Objective = objective,
                Seed = seed,
                Steps = asked.Steps ?? recipe.Steps!.Value,
                Batch = size,
                Optimiser = new OptimiserRequest { LearningRate = asked.LearningRate },
                Pictures = seed == seeds[0] ? [] : null,
            }));
        }
        using var folder = RunFolder.Create(output, "modes", objective.Loss.Name, ofTraining: false);
        return new ModesSweep(folder, screen, choice, runs).Run(device, interruption.Finish("finishing the step"));
    }

    private static void RequireFit(Request asked, Objective objective)
    {
        bool isStacked = asked.Set == StackedDigits.SetName;
        string? fault = (isStacked, asked) switch
        {
            (true, { Layers: not null }) => "--layers: the pictures' size decides the stages of stacked's networks.",
            (true, _) when objective.Pack > 1 =>
                "--pack lays pictures end to end, which dense networks alone can judge, and stacked's are convolutional.",
            (false, _) when objective.Augment != Augmentation.None => "--augment moves pictures, and these sets have points.",
            (true, { Page.Serve: true }) => "--serve shows points of the plane, and stacked's samples are pictures.",
            (false, { Page.Serve: true, On: not { Device: "cpu", Threads: null } }) =>
                "--device and --threads: the page's small networks train on one thread of the cpu.",
            (false, { Page.Serve: true, Output: not null }) => "--output: a page writes no files.",
            (false, { DataDir: not null }) => $"--data-dir: the set {asked.Set} is drawn, not read.",
            (false, { Dataset: not null }) => $"--dataset: the set {asked.Set} is made of no pictures.",
            _ => null,
        };
        if (fault is not null)
            throw new GanException(ExitCode.Usage, $"{fault} Leave it out.");
    }

    private static ExitCode Serve(Request asked, Objective objective, ulong[] seeds, Screen screen, Interruption interruption)
    {
        if (asked.Set == "both" || seeds.Length > 1)
        {
            throw new GanException(
                ExitCode.Usage, "--serve shows one set and one seed. Name them, such as --set ring --seeds 0.");
        }
        var mixture = Mixture.All.Single(mixture => mixture.Name == asked.Set);
        var recipe = new ModesRecipe(mixture, asked.Layers, asked.Width);
        var optimiser = new OptimiserRequest { LearningRate = asked.LearningRate };
        RequirePacks(asked.Batch ?? recipe.Batch, objective);
        using var player = new MixturePlayer(() => new LiveMixture(
            mixture, recipe, objective, optimiser, seeds[0], asked.Steps ?? recipe.Steps!.Value, asked.Batch ?? recipe.Batch));
        using var page = new ServedPage(asked.Page.Where, MixturePlayer.Pages, player.Map, screen);
        page.Say();
        screen.Say("Ctrl-C ends it.");
        interruption.Finish().WaitHandle.WaitOne();
        return ExitCode.Done;
    }

    private static void RequirePacks(int size, Objective objective)
    {
        if (size % objective.Pack != 0)
        {
            throw new GanException(
                ExitCode.Usage, $"A batch of {size} can't be split into packs of {objective.Pack}. Choose a multiple as --batch.");
        }
    }

    private static StackedDigits Stack(Request asked, Screen screen, Device device, int threads)
    {
        var searchPath = SearchPath.FromEnvironment();
        var request = new DatasetRequest(asked.Dataset ?? "auto")
        {
            DataDir = asked.DataDir,
            SearchPath = searchPath,
            Progress = new DownloadLines(screen),
            Reading = new ReadingLines(screen),
            Threads = threads,
        };
        var digits = screen.During(() => ReferenceSet.Open(request, FeatureKind.Classifier));
        foreach (string warning in digits.Warnings)
            screen.Warn(warning);
        var cache = new ClassifierCache(Path.Combine(searchPath.Cache, "classifiers"), screen);
        var (classifier, accuracy) = cache.Get(digits, device, threads);
        screen.Say($"data    {digits.Name} from {digits.Where}; the classifier is right on {100 * accuracy:0.0} % of its test pictures");
        return new StackedDigits(digits, classifier);
    }

    /// <summary>The options.</summary>
    internal sealed record Request
    {
        private const string Preset = "the preset's";

        [Option(
            "--set", "8 Gaussians on a ring, 25 on a grid, both of these; or three digits stacked as colours, a thousand modes",
            Choices = typeof(SetNames))]
        public string Set { get; init; } = "both";

        [Option("--seeds", "Seeds, a run for each", Value = "A-B")]
        public string Seeds { get; init; } = "0";

        [Option("--steps", "Training steps", Value = "N", Min = 1, Default = Preset)]
        public int? Steps { get; init; }

        [Option(
            "--batch", "Points or pictures in a batch",
            Aliases = ["--batch-size"], Value = "N", Min = 1, Max = 1 << 16, Default = Preset)]
        public int? Batch { get; init; }

        [Option("--learning-rate", "Learning rate of both networks", Aliases = ["--lr"], Above = 0, Default = Preset)]
        public float? LearningRate { get; init; }

        [Option("--layers", "Hidden layers of each network, for points", Value = "N", Min = 1, Max = 32, Default = Preset)]
        public int? Layers { get; init; }

        [Option(
            "--width", "Width of hidden layers; for pictures, channels after the first",
            Value = "N", Min = 1, Max = 4096, Default = Preset)]
        public int? Width { get; init; }

        [Option("--dataset", "The digits that are stacked", Choices = typeof(DigitSets), Default = "auto")]
        public string? Dataset { get; init; }

        [Option("--data-dir", "The only folder that is searched for them", Value = "DIR")]
        public string? DataDir { get; init; }

        [Options]
        public ObjectiveRequest Objective { get; init; } = new();

        [Options]
        public DeviceRequest On { get; init; } = new();

        [Options]
        public OwnPageRequest Page { get; init; } = new();

        [Option("--output", "A new or empty folder", Value = "DIR", Default = $"{RunFolder.Parent}/NNNN-modes-LOSS")]
        public string? Output { get; init; }
    }

    private sealed class SetNames : IChoices
    {
        public IReadOnlyList<string> Words { get; } = [.. Mixture.All.Select(mixture => mixture.Name), "both", StackedDigits.SetName];

        public string? Others => null;
    }

    private sealed class DigitSets : IChoices
    {
        public IReadOnlyList<string> Words { get; } = ["auto", "mnist", "fashion-mnist", "digits"];

        public string? Others => null;
    }
}

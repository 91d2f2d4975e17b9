using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan modes`: counts the modes of toy mixtures that a loss finds.</summary>
internal sealed class ModesCommand() : GanCommand<ModesCommand.Request>(
    "modes", "Counts the modes of two toy mixtures that a small GAN finds, with any loss")
{
    private const int MaxSeeds = 1000;

    /// <inheritdoc/>
    public override object? Defaults(ParseResult given) => new Request { Objective = ObjectiveRequest.Of(ModesRecipe.Preset) };

    /// <inheritdoc/>
    public override string? DescriptionOf(string option) =>
        option == "--device" ? "The device; on the cpu, runs are side by side" : null;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan modes", $"the default loss: {ModesRecipe.Preset}"),
        ("gan modes --loss bce --set ring --seeds 0-9", "a plain GAN on eight modes, with ten seeds"),
        ("gan modes --loss bce --pack 2", "a plain GAN with a discriminator of pairs"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var asked = Read(given);
        var objective = asked.Objective.Over(ModesRecipe.Preset);
        var mixtures = Mixture.All.Where(mixture => asked.Set == "both" || mixture.Name == asked.Set);
        var seeds = OptionValues.Seeds("--seeds", asked.Seeds, MaxSeeds);
        var choice = asked.On.Choose();
        choice.Warn(screen);
        var runs = new List<ModesRun>();
        foreach (var mixture in mixtures)
        {
            var recipe = new ModesRecipe(mixture, asked.Layers, asked.Width);
            int size = asked.Batch ?? recipe.Batch;
            if (size % objective.Pack != 0)
            {
                throw new GanException(
                    ExitCode.Usage, $"A batch of {size} can't be split into packs of {objective.Pack}. Choose a multiple as --batch.");
            }
            runs.AddRange(seeds.Select(seed => new ModesRun
            {
                Mixture = mixture,
                Recipe = recipe,
                Objective = objective,
                Seed = seed,
                Steps = asked.Steps ?? recipe.Steps!.Value,
                Batch = size,
                Optimiser = new OptimiserRequest { LearningRate = asked.LearningRate },
                Pictures = seed == seeds[0] ? [] : null,
            }));
        }
        string? output = asked.Output;
        RunFolder.Check(output);
        using var device = choice.Open();
        var folder = RunFolder.Create(output, "modes", objective.Loss.Name, ofTraining: false);
        using var interruption = new Interruption();
        return new ModesSweep(folder, screen, choice, runs).Run(device, interruption.Token);
    }

    /// <summary>The options.</summary>
    internal sealed record Request
    {
        private const string Preset = "the preset's";

        [Option("--set", "8 Gaussians on a ring, or 25 on a grid", Choices = typeof(SetNames))]
        public string Set { get; init; } = "both";

        [Option("--seeds", "Seeds, a run for each", Value = "A-B")]
        public string Seeds { get; init; } = "0";

        [Option("--steps", "Training steps", Value = "N", Min = 1, Default = Preset)]
        public int? Steps { get; init; }

        [Option("--batch", "Points in a batch", Aliases = ["--batch-size"], Value = "N", Min = 1, Max = 1 << 16, Default = Preset)]
        public int? Batch { get; init; }

        [Option("--learning-rate", "Learning rate of both networks", Aliases = ["--lr"], Above = 0, Default = Preset)]
        public float? LearningRate { get; init; }

        [Option("--layers", "Hidden layers of each network", Value = "N", Min = 1, Max = 32, Default = Preset)]
        public int? Layers { get; init; }

        [Option("--width", "Width of hidden layers", Value = "N", Min = 1, Max = 4096, Default = Preset)]
        public int? Width { get; init; }

        [Options]
        public ObjectiveRequest Objective { get; init; } = new();

        [Options]
        public DeviceRequest On { get; init; } = new();

        [Option("--output", "A new or empty folder", Value = "DIR", Default = $"{RunFolder.Parent}/NNNN-modes-LOSS")]
        public string? Output { get; init; }
    }

    private sealed class SetNames : IChoices
    {
        public IReadOnlyList<string> Words { get; } = [.. Mixture.All.Select(mixture => mixture.Name), "both"];

        public string? Others => null;
    }
}

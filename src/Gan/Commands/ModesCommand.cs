using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan modes`: counts the modes of toy mixtures that a loss finds.</summary>
internal sealed class ModesCommand : GanCommand
{
    private const int MaxSeeds = 1000;
    private static readonly string[] Sets = [.. Mixture.All.Select(mixture => mixture.Name), "both"];
    private readonly Option<string> _set, _seeds, _steps, _batch, _learningRate, _layers, _width, _device, _threads, _output;
    private readonly ObjectiveOptions _objective;

    public ModesCommand()
        : base("modes", "Counts the modes of two toy mixtures that a small GAN finds, with any loss")
    {
        _set = Value("--set", string.Join('|', Sets), "8 Gaussians on a ring, or 25 on a grid [default: both]");
        _seeds = Value("--seeds", "A-B", "Seeds, a run for each [default: 0]");
        _objective = new ObjectiveOptions(Value, Flag);
        _steps = Value("--steps", "N", "Training steps [default: the preset's]");
        _batch = Value("--batch", "N", "Points in a batch [default: the preset's]");
        _learningRate = Value("--learning-rate", "X", "Learning rate of both networks [default: the preset's]");
        _layers = Value("--layers", "N", "Hidden layers of each network [default: the preset's]");
        _width = Value("--width", "N", "Width of hidden layers [default: the preset's]");
        _device = Value("--device", DeviceChoice.Kinds, "The device; on the cpu, runs are side by side [default: cpu]");
        _threads = Value("--threads", "N", "Threads of the cpu [default: one for each core]");
        _output = Value("--output", "DIR", $"A new or empty folder [default: {RunFolder.Parent}/NNNN-modes-LOSS]");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan modes", $"the default loss: {ModesRecipe.Preset}"),
        ("gan modes --loss bce --set ring --seeds 0-9", "a plain GAN on eight modes, with ten seeds"),
        ("gan modes --loss bce --pack 2", "a plain GAN with a discriminator of pairs"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var objective = _objective.Read(given, ModesRecipe.Preset);
        int set = given.Choice(_set, Sets) ?? Mixture.All.Count;
        var mixtures = set < Mixture.All.Count ? [Mixture.All[set]] : Mixture.All;
        var seeds = given.Seeds(_seeds, MaxSeeds) ?? [0];
        int? steps = given.Whole(_steps, 1), batch = given.Whole(_batch, 1, 1 << 16);
        int? layers = given.Whole(_layers, 1, 32), width = given.Whole(_width, 1, 4096);
        float? rate = given.Positive(_learningRate);
        int? threads = given.Whole(_threads, 1, DeviceChoice.MostThreads);
        var choice = DeviceChoice.Of(given.GetValue(_device) ?? "cpu", threads);
        choice.Warn(screen);
        var runs = new List<ModesRun>();
        foreach (var mixture in mixtures)
        {
            var recipe = new ModesRecipe(mixture, layers, width);
            int size = batch ?? recipe.Batch;
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
                Steps = steps ?? recipe.Steps!.Value,
                Batch = size,
                LearningRate = rate,
                Pictures = seed == seeds[0] ? [] : null,
            }));
        }
        string? output = given.GetValue(_output);
        RunFolder.Check(output);
        using var device = choice.Open();
        var folder = RunFolder.Create(output, "modes", objective.Loss.Name, ofTraining: false);
        using var interruption = new Interruption();
        return new ModesSweep(folder, screen, choice, runs).Run(device, interruption.Token);
    }
}

using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan modes`: how many modes of a toy mixture a loss finds.</summary>
internal sealed class ModesCommand : GanCommand
{
    private const int MostSeeds = 1000;
    private static readonly string[] Sets = [.. Mixture.All.Select(mixture => mixture.Name), "both"];
    private readonly Option<string> _set, _seeds, _steps, _batch, _learningRate, _layers, _width, _device, _threads, _output;
    private readonly ObjectiveOptions _objective;

    public ModesCommand()
        : base("modes", "Counts the modes that a small GAN finds of two toy mixtures, under any loss")
    {
        _set = Value("--set", string.Join('|', Sets), "8 Gaussians on a ring, 25 on a grid; both unless given");
        _seeds = Value("--seeds", "A-B", "A run for each seed; 0 unless given");
        _objective = new ObjectiveOptions(Value, Flag);
        _steps = Value("--steps", "N", "Training steps; the preset's unless given");
        _batch = Value("--batch", "N", "Points in a batch; the preset's unless given");
        _learningRate = Value("--learning-rate", "X", "Of both networks; the preset's unless given");
        _layers = Value("--layers", "N", "Hidden layers of each network; the preset's unless given");
        _width = Value("--width", "N", "Their width; the preset's unless given");
        _device = Value("--device", DeviceChoice.Kinds, "Where it computes; the cpu unless given, on which seeds run side by side");
        _threads = Value("--threads", "N", "Threads of the cpu; one a core unless given");
        _output = Value("--output", "DIR", $"The run's folder, new or empty; {RunFolder.Parent}/NNNN-modes-LOSS unless given");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan modes", $"the loss that finds all: {ModesRecipe.Preset}"),
        ("gan modes --loss bce --set ring --seeds 0-9", "how many of eight modes a plain GAN finds, over ten seeds"),
        ("gan modes --loss bce --pack 2", "what judging points in pairs does for it"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var objective = _objective.Read(given, ModesRecipe.Preset);
        int set = given.Choice(_set, Sets) ?? Mixture.All.Count;
        var mixtures = set < Mixture.All.Count ? [Mixture.All[set]] : Mixture.All;
        var seeds = given.Seeds(_seeds, MostSeeds) ?? [0];
        int? steps = given.Whole(_steps, 1), batch = given.Whole(_batch, 1, 1 << 16), layers = given.Whole(_layers, 1, 32), width = given.Whole(_width, 1, 4096);
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
                throw new GanException(ExitCode.Usage, $"A batch of {size} can't be put into packs of {objective.Pack}. Choose a --batch that is a multiple of {objective.Pack}.");
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
        return new ModesTable(folder, screen, choice, runs).Run(device, interruption.Token);
    }
}

using System.CommandLine;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>`gan recipes`: what can be trained.</summary>
internal sealed class RecipesCommand : GanCommand
{
    private const int Pixels = MnistFiles.Size * MnistFiles.Size;
    private readonly Argument<string> _name;

    public RecipesCommand()
        : base("recipes", "Lists the recipes, or describes one: networks, losses, optimisers, source, quirks") =>
        _name = OptionalName("The recipe to describe");

    public override IReadOnlyList<(string Line, string Does)> Examples =>
        [("gan recipes", "lists all recipes"), ("gan recipes odog", "describes odog layer by layer")];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        if (given.GetValue(_name) is { } name)
        {
            Describe(screen, RecipeBook.Find(name));
            return ExitCode.Done;
        }
        int width = RecipeBook.All.Max(recipe => recipe.Name.Length);
        foreach (var recipe in RecipeBook.All)
            screen.Say($"{recipe.Name.PadRight(width)}  {recipe.Summary}");
        screen.Say();
        screen.Say($"`gan recipes {RecipeBook.Default}` describes one; `gan --recipe {RecipeBook.Default}` trains it.");
        return ExitCode.Done;
    }

    private static void Describe(Screen screen, Recipe recipe)
    {
        using var device = new CpuDevice(threads: 1);
        var make = new LayerFactory(device, recipe.Init, Streams.GeneratorInit.Of(0));
        screen.Say($"{recipe.Name}: {recipe.Summary}");
        screen.Say($"source: {recipe.Source}");
        screen.Say();
        NetworkTable.Say(screen, "generator", recipe.Generator(make, Pixels), recipe.NoiseSize);
        screen.Say();
        NetworkTable.Say(screen, "discriminator", recipe.Discriminator(make, Pixels), Pixels);
        screen.Say();
        foreach (var (what, value) in Facts(recipe))
            screen.Say($"{what,-16}{value}");
        screen.Say();
        screen.Say("quirks of the document, and what is trained instead:");
        foreach (var quirk in recipe.Quirks)
        {
            screen.Say($"  document:  {quirk.Document}");
            screen.Say($"  corrected: {quirk.Corrected}");
        }
    }

    private static IEnumerable<(string What, string Value)> Facts(Recipe recipe)
    {
        var (low, high) = recipe.PixelRange;
        yield return ("pixels", $"28x28 grey, from {low} (black) to {high} (white)");
        yield return ("noise", $"{recipe.NoiseSize} numbers, {recipe.NoiseName}");
        yield return ("weights begin", $"{recipe.Init}");
        yield return ("loss of D", recipe.DiscriminatorLoss);
        yield return ("loss of G", recipe.GeneratorLoss);
        yield return ("step", recipe.StepSummary);
        yield return ("optimiser of G", $"{recipe.GeneratorAdam}");
        yield return ("optimiser of D", $"{recipe.DiscriminatorAdam}");
        int onColour = recipe.BatchFor(Cifar10Files.Pixels);
        string onCifar10 = onColour == recipe.Batch ? "" : $" ({onColour} on CIFAR-10)";
        yield return ("batch", $"{recipe.Batch}{onCifar10}, {Words(recipe.BatchRule)}");
        yield return ("length", recipe.Steps is { } steps ? $"{steps:N0} steps" : $"{recipe.Epochs} epochs");
        yield return ("samples", $"{recipe.SampleGrid.Rows}x{recipe.SampleGrid.Columns} pictures from fixed noise");
        yield return ("log", $"epoch,{string.Join(',', recipe.LogColumns.Select(column => column.Name))}");
    }

    private static string Words(BatchRule rule) => rule switch
    {
        BatchRule.WithReplacement => "drawn with replacement",
        BatchRule.WholeBatches => "shuffled each epoch, whole batches only",
        _ => "shuffled each epoch, the last one may be short",
    };
}

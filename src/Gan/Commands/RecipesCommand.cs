using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan recipes`: lists and describes the recipes.</summary>
internal sealed class RecipesCommand(RecipeBook book) : GanCommand<RecipesCommand.Request>(
    "recipes", "Lists the recipes, or describes one: networks, losses, optimisers, source, quirks")
{
    private static readonly PictureShape Picture = MnistFiles.Shape;
    private const int Indent = 16;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
        [("gan recipes", "lists all recipes"), ("gan recipes odog", "describes odog layer by layer")];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        if (Read(given).Name is { } name)
        {
            Describe(screen, book.Find(name));
            return ExitCode.Done;
        }
        int width = book.All.Max(recipe => recipe.Name.Length);
        foreach (var recipe in book.All)
        {
            string mark = recipe.Name == RecipeBook.Default ? " [default]" : "";
            screen.Say($"{recipe.Name.PadRight(width)}  {recipe.Summary}{mark}", Screen.PageWidth);
        }
        screen.Say();
        screen.Say($"`gan recipes {RecipeBook.Default}` describes one; `gan --recipe {RecipeBook.Default}` trains it.", Screen.PageWidth);
        return ExitCode.Done;
    }

    private static void Describe(Screen screen, Recipe recipe)
    {
        using var device = new CpuDevice(threads: 1);
        var make = new LayerFactory(device, recipe.Init, SeedStream.GeneratorInit.Of(0)) { Classes = MnistFiles.Classes };
        screen.Say($"{recipe.Name}: {recipe.Summary}", Screen.PageWidth);
        screen.Say($"source: {recipe.Source}", Screen.PageWidth);
        screen.Say();
        NetworkSummary.Say(screen, "generator", recipe.Generator(make, Picture), recipe.NoiseSize);
        screen.Say();
        NetworkSummary.Say(screen, "discriminator", recipe.Discriminator(make, Picture), Picture.Length);
        screen.Say();
        foreach (var (what, value) in Facts(recipe))
            screen.Say($"{what.PadRight(Indent)}{value}", Screen.PageWidth);
        if (recipe.Quirks.Count == 0)
            return;
        screen.Say();
        screen.Say("differences of the document's code from its intent (kept by --as-written):");
        foreach (var quirk in recipe.Quirks)
        {
            screen.Say($"  document:  {quirk.Document}", Screen.PageWidth);
            screen.Say($"  corrected: {quirk.Corrected}", Screen.PageWidth);
        }
    }

    private static IEnumerable<(string What, string Value)> Facts(Recipe recipe)
    {
        var (low, high) = recipe.PixelRange;
        yield return ("pixels", $"28x28 grey, from {low} (black) to {high} (white)");
        if (recipe.SetAside > 0)
            yield return ("data", $"the first {recipe.SetAside:N0} of a whole MNIST are set aside");
        yield return ("noise", $"{recipe.NoiseSize} numbers, {recipe.NoiseName}");
        yield return ("initial weights", $"{recipe.Init}");
        yield return ("loss of D", recipe.DiscriminatorLoss);
        yield return ("loss of G", recipe.GeneratorLoss);
        if (recipe.GeneratorLoss.StartsWith("BCE", StringComparison.Ordinal))
            yield return ("", "BCE: binary cross-entropy of D's logit against its target");
        yield return ("step", recipe.StepSummary);
        if (recipe.ConditionalForm is not null)
            yield return ("classes", "its networks are told them with --conditional");
        if (recipe.Objective != new Objective())
            yield return ("as options", $"{recipe.Objective}");
        yield return ("optimiser of G", $"{recipe.GeneratorAdam}");
        yield return ("optimiser of D", $"{recipe.DiscriminatorAdam}");
        int onColour = recipe.BatchFor(Cifar10Files.Shape);
        string onCifar10 = onColour == recipe.Batch ? "" : $" ({onColour} on CIFAR-10)";
        yield return ("batch", $"{Plural.Of(recipe.Batch, "picture")}{onCifar10}, {Describe(recipe.BatchRule)}");
        yield return ("length", recipe.Steps is { } steps ? Plural.Of(steps, "step") : Plural.Of(recipe.Epochs ?? 0, "epoch"));
        string rows = Plural.Of(recipe.SampleGrid.Rows, "row");
        yield return ("samples", $"{rows} of {recipe.SampleGrid.Columns} pictures, always from the same noise vectors");
        string columns = string.Join(',', recipe.LogColumns.Select(column => column.Name));
        yield return ("loss.csv", $"epoch,{columns}, and the columns of all recipes");
    }

    private static string Describe(BatchRule rule) => rule switch
    {
        BatchRule.WithReplacement => "drawn with replacement",
        BatchRule.WholeBatches => "shuffled each epoch; a short last batch is skipped",
        _ => "shuffled each epoch; the last batch may be short",
    };

    /// <summary>The argument.</summary>
    internal sealed record Request
    {
        [Argument("NAME", "The recipe to describe")]
        public string? Name { get; init; }
    }
}

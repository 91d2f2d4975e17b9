using System.Globalization;
using System.Text.Json;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// The sums of the states that each recipe's training reaches on the built-in digits, from seed 0: published with the program in
/// `Hashes.json`, and the same on every machine and device.
/// </summary>
internal static class PublishedStates
{
    /// <summary>The counts of steps after which there is a sum.</summary>
    public static IReadOnlyList<int> Milestones { get; } = [1, 20, 200];

    private static readonly Lazy<ImageSet> Pictures = new(() => Digits.Draw(2000)); // so few that epochs end
    private static readonly Lazy<Dictionary<string, Dictionary<string, string>>> Sums = new(Read);

    /// <summary>Returns the name that a recipe has in the list.</summary>
    public static string NameOf(Recipe recipe) =>
        recipe.Name + (IsOtherForm(recipe) ? " --conditional" : "");

    /// <summary>Returns a state's published sum, or null if there is none: the recipe isn't one of ours.</summary>
    public static string? Find(Recipe recipe, int steps) =>
        Sums.Value.GetValueOrDefault(NameOf(recipe))?.GetValueOrDefault(steps.ToString(CultureInfo.InvariantCulture));

    /// <summary>Returns the forms of a recipe that the list has: its own, and that whose networks are told classes.</summary>
    public static IEnumerable<Recipe> Forms(Recipe recipe) => recipe.ConditionalForm is { } other ? [recipe, other] : [recipe];

    /// <summary>Trains, and returns the state's sum.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">Steps of the whole run.</param>
    /// <param name="device">Where it computes.</param>
    public static string Reach(Recipe recipe, int steps, Device device)
    {
        var request = new RunRequest { Recipe = recipe.Name, Conditional = IsOtherForm(recipe), Steps = steps };
        using var trainer = new Trainer(recipe, request, Pictures.Value, device);
        var last = new LastState();
        trainer.Run(last, CancellationToken.None);
        return last.Sum;
    }

    private static bool IsOtherForm(Recipe recipe) => recipe.IsConditional && RecipeBook.BuiltIn.All.Any(known =>
        known.Name == recipe.Name && !known.IsConditional);

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        string list = EmbeddedText.Read(typeof(PublishedStates), "Hashes.json");
        return JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(list)!;
    }

    private sealed class LastState : IRunSink
    {
        public string Sum { get; private set; } = "";

        public void State(int step, Snapshot snapshot) => Sum = Checkpoint.DigestOf(snapshot);
    }
}

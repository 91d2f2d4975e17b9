namespace GanFromScratch.Gan;

/// <summary>All recipes, by name.</summary>
public static class RecipeBook
{
    /// <summary>The recipe that trains when none is named.</summary>
    public const string Default = "odog";

    /// <summary>All recipes, in the order that `gan recipes` lists them.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [new Odog()];

    /// <summary>The recipe with this name.</summary>
    /// <exception cref="GanException">There is none (usage).</exception>
    public static Recipe Find(string name) =>
        All.FirstOrDefault(recipe => recipe.Name == name) ?? throw new GanException(
            ExitCode.Usage,
            $"There is no recipe '{name}'. Known are: {string.Join(", ", All.Select(recipe => recipe.Name))}; `gan recipes` describes them.");
}

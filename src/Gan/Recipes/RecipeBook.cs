using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>All recipes, by name.</summary>
public static class RecipeBook
{
    /// <summary>The recipe that trains when none is named.</summary>
    public const string Default = "odog";

    private static readonly Func<bool, Recipe>[] Makers =
    [
        asWritten => new Hsu(asWritten),
        asWritten => new Odog(asWritten),
        asWritten => new Fabo(asWritten),
        asWritten => new Sdl(asWritten),
        asWritten => new Lornatang(asWritten),
        asWritten => new Stable(asWritten),
    ];

    /// <summary>All recipes in their corrected form, in the order that `gan recipes` lists them.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [.. Makers.Select(make => make(false))];

    /// <summary>The recipe with this name, corrected or as its document has it.</summary>
    /// <exception cref="GanException">There is none (usage).</exception>
    public static Recipe Find(string name, bool asWritten = false) =>
        Makers.Select(make => make(asWritten)).FirstOrDefault(recipe => recipe.Name == name) ?? throw new GanException(
            ExitCode.Usage,
            $"There is no recipe '{name}'. Known are: {string.Join(", ", All.Select(recipe => recipe.Name))}; `gan recipes` describes them.");
}

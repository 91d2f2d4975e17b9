using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>Recipes by name.</summary>
public sealed class RecipeBook
{
    /// <summary>The recipe that trains if none is named.</summary>
    public const string Default = "odog";

    private readonly IReadOnlyList<Func<bool, Recipe>> _makers;

    private RecipeBook(IReadOnlyList<Func<bool, Recipe>> makers)
    {
        _makers = makers;
        All = [.. makers.Select(make => make(false))];
    }

    /// <summary>The recipes that come with the program. Each makes its corrected form, or, if told so, the one its document has.</summary>
    public static RecipeBook BuiltIn { get; } = new(
    [
        asWritten => new Hsu(asWritten),
        asWritten => new Odog(asWritten),
        asWritten => new Fabo(asWritten),
        asWritten => new Sdl(asWritten),
        asWritten => new Lornatang(asWritten),
        asWritten => new Dcgan(asWritten),
        asWritten => new Cgan(asWritten),
        asWritten => new Acgan(asWritten),
        asWritten => new Stable(asWritten),
        asWritten => new StableConv(asWritten),
    ]);

    /// <summary>All recipes in their corrected form, in the order that `gan recipes` lists them.</summary>
    public IReadOnlyList<Recipe> All { get; }

    /// <summary>Returns a book that has more recipes.</summary>
    /// <param name="recipes">The recipes, which follow no document.</param>
    /// <exception cref="ArgumentException">A recipe has no name, or one that is taken.</exception>
    public RecipeBook With(params IReadOnlyList<Recipe> recipes)
    {
        var book = new RecipeBook([.. _makers, .. recipes.Select(recipe => (Func<bool, Recipe>)(_ => recipe))]);
        foreach (var named in book.All.GroupBy(recipe => recipe.Name))
        {
            if (named.Key.Length == 0 || named.Key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
                throw new ArgumentException($"RecipeBook: '{named.Key}' is no name of a recipe; use letters, digits, - and _");
            if (named.Count() > 1)
                throw new ArgumentException($"RecipeBook: {named.Count()} recipes are called '{named.Key}'; give each a name of its own");
        }
        return book;
    }

    /// <summary>Returns the recipe with a name, whatever its case.</summary>
    /// <param name="name">The name.</param>
    /// <param name="asWritten">As its document has it; otherwise corrected.</param>
    /// <param name="conditional">With networks that are told classes, which some recipes have beside their own.</param>
    /// <exception cref="GanException">Usage: there is none.</exception>
    public Recipe Find(string name, bool asWritten = false, bool conditional = false)
    {
        var found = _makers.Select(make => make(asWritten))
            .FirstOrDefault(recipe => recipe.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        string[] known = [.. All.Select(recipe => recipe.Name)];
        if (found is null)
        {
            throw new GanException(
                ExitCode.Usage,
                $"There is no recipe '{name}'. {Suggestion.For(name, known)}Known are: {string.Join(", ", known)}; "
                + "`gan recipes` describes them.");
        }
        if (!conditional || found.IsConditional)
            return found;
        string able = string.Join(", ", All.Where(recipe => recipe.ConditionalForm is not null).Select(recipe => recipe.Name));
        return found.ConditionalForm ?? throw new GanException(
            ExitCode.Usage,
            $"{found.Name} has no conditional form. Leave --conditional out, or take --recipe {able}; "
            + $"{string.Join(" and ", All.Where(recipe => recipe.IsConditional).Select(recipe => recipe.Name))} are conditional anyway.");
    }
}

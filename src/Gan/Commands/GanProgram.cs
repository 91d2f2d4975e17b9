using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Commands;

/// <summary>Runs the program, for programs with recipes of their own.</summary>
public static class GanProgram
{
    /// <summary>Runs a command line, such as `train --recipe mine`. Errors go to standard error, in a sentence.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="recipes">Recipes besides the built-in ones.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ArgumentException">Two recipes have one name, or one has none.</exception>
    public static int Run(string[] args, params IReadOnlyList<Recipe> recipes) => CommandLine.Run(args, RecipeBook.BuiltIn.With(recipes));
}

using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Commands;

/// <summary>The program as a function, for programs that bring recipes of their own.</summary>
public static class GanProgram
{
    /// <summary>Runs the command that the arguments ask for, such as `train --recipe mine`. Errors go to standard error, in a sentence.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="recipes">Recipes besides the built-in ones, each with a name of its own.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ArgumentException">Two recipes have the same name, or one has none.</exception>
    public static int Run(string[] args, params IReadOnlyList<Recipe> recipes) => CommandLine.Run(args, RecipeBook.BuiltIn.With(recipes));
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>A command that generates pictures with a run's generator, and writes them to new files.</summary>
internal abstract class GeneratorCommand<T>(RecipeBook book, string name, string description) : GanCommand<T>(name, description)
    where T : class, new()
{
    /// <summary>The most pixels for each of a picture's.</summary>
    protected const int MaxZoom = 16;

    /// <summary>The known recipes.</summary>
    protected RecipeBook Book { get; } = book;

    /// <summary>Opens the device of the options.</summary>
    protected static Device Open(DeviceRequest request, Screen screen)
    {
        var choice = request.Choose();
        choice.Warn(screen);
        return choice.Open();
    }

    /// <summary>Returns the argument RUN.</summary>
    /// <exception cref="GanException">Usage: the argument is missing.</exception>
    protected string Required(string? run) => run ?? throw new GanException(
        ExitCode.Usage, $"`gan {Name}` needs a run: `gan {Name} runs/0001-odog-mnist`.");

    /// <summary>
    /// Finds the run's generator: once the names of output files are known to be possible, and before any of them is refused as taken.
    /// </summary>
    /// <exception cref="GanException">Usage: two files of one name, no folder for one, a file that exists. Data: no such run.</exception>
    protected static string FindFor(string run, Screen screen, params (string Option, string? File)[] outputs)
    {
        var named = outputs.Where(output => output.File is not null).ToArray();
        foreach (var (_, file) in named)
            NewFile.RequirePossible(file!);
        foreach (var same in named.GroupBy(output => Path.GetFullPath(output.File!)).Where(group => group.Count() > 1))
        {
            string options = string.Join(" and ", same.Select(output => output.Option));
            throw new GanException(ExitCode.Usage, $"{options} both name {same.First().File}. Name two files.");
        }
        string found = GeneratorFile.Find(run, screen);
        foreach (var (option, file) in named)
            NewFile.RequireFree(option, file!);
        return found;
    }

    /// <summary>Checks that a folder is empty, if it exists.</summary>
    /// <exception cref="GanException">Usage: it isn't.</exception>
    protected static void RequireEmpty(string option, string folder)
    {
        if (Directory.Exists(folder) && !IsEmpty(folder))
        {
            throw new GanException(
                ExitCode.Usage, $"{folder} isn't empty, and nothing is overwritten. Name a new or empty folder with {option}.");
        }
    }

    private static bool IsEmpty(string folder)
    {
        try
        {
            return !Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(
                ExitCode.Usage, $"{folder} can't be read: {FileFault.Cause(fault, folder)}. Name another folder.", fault);
        }
    }
}

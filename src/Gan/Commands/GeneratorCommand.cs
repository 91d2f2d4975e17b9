using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>A command that generates pictures with a run's generator, and writes them to new files.</summary>
internal abstract class GeneratorCommand<T>(RecipeBook book, string name, string description) : GanCommand<T>(name, description)
    where T : class, new()
{
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

    /// <summary>Checks that output files are new, different, and in existing folders.</summary>
    /// <exception cref="GanException">Usage: one isn't.</exception>
    protected static void RequireNew(params (string Option, string? File)[] outputs)
    {
        var named = outputs.Where(output => output.File is not null).ToArray();
        foreach (var (option, file) in named)
            RequireNew(option, file!);
        foreach (var same in named.GroupBy(output => Path.GetFullPath(output.File!)).Where(group => group.Count() > 1))
        {
            string options = string.Join(" and ", same.Select(output => output.Option));
            throw new GanException(ExitCode.Usage, $"{options} both name {same.First().File}. Name two files.");
        }
    }

    /// <summary>Checks that an output folder is new or empty.</summary>
    /// <exception cref="GanException">Usage: it isn't, or can't be created.</exception>
    protected static void RequireEmpty(string option, string folder)
    {
        if (!Directory.Exists(folder))
            RequireNew(option, folder);
        else if (!IsEmpty(folder))
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
            throw new GanException(ExitCode.Usage, $"{folder} can't be read: {fault.Message.TrimEnd('.')}. Name another folder.", fault);
        }
    }

    private static void RequireNew(string option, string file)
    {
        if (file.Length == 0)
            throw new GanException(ExitCode.Usage, "The name of a file is empty. Name a new file.");
        if (Path.Exists(file))
            throw new GanException(ExitCode.Usage, $"{file} exists, and nothing is overwritten. Name another with {option}.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
            throw new GanException(ExitCode.Usage, $"{file} can't be written: there is no folder {folder}. Create it first.");
    }
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Commands;

/// <summary>Checks files that a command is to write, before anything else is done for them. Nothing is overwritten.</summary>
internal static class NewFile
{
    /// <summary>Checks that a file can be made: its folder is there.</summary>
    /// <exception cref="GanException">Usage: it isn't.</exception>
    public static void RequirePossible(string file)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(file)); // a root has none, and exists
        if (folder is not null && !Directory.Exists(folder))
            throw new GanException(ExitCode.Usage, $"{file} can't be written: there is no folder {folder}. Create it first.");
    }

    /// <summary>Checks that nothing of the name exists.</summary>
    /// <exception cref="GanException">Usage: something does.</exception>
    public static void RequireFree(string option, string file)
    {
        if (Path.Exists(file))
            throw new GanException(ExitCode.Usage, $"{file} exists, and nothing is overwritten. Name another with {option}.");
    }

    /// <summary>Makes a folder for files, unless it is there.</summary>
    /// <exception cref="GanException">Writing: it can't be made.</exception>
    public static void MakeFolder(string folder)
    {
        try
        {
            DirectoryLock.Make(folder);
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            throw AtomicFile.WriteError(folder, fault);
        }
    }

    /// <summary>Checks what kind of file an option names.</summary>
    /// <exception cref="GanException">Usage: one that isn't among these.</exception>
    public static void RequireEnding(string option, string file, params IReadOnlyList<string> endings)
    {
        if (endings.Any(ending => HasEnding(file, ending)))
            return;
        string known = endings is [var only] ? only : $"{string.Join(", ", endings.SkipLast(1))} or {endings[^1]}";
        throw OptionValues.Wrong(option, file, "is no kind of file that can be written", $"Give a name that ends in {known}");
    }

    /// <summary>Whether a file's name has an ending, in small or capital letters.</summary>
    public static bool HasEnding(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}

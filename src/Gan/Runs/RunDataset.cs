using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Runs;

/// <summary>The data set of a run, as a later command names it.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or a folder of pictures.</param>
/// <param name="Folder">The folder of its files; null if it has none.</param>
internal sealed record RunDataset(string Name, string? Folder)
{
    /// <summary>The size of its pictures, and how they were made of files.</summary>
    public PictureRequest Pictures { get; private init; } = new();

    /// <summary>Whether unusable files were skipped.</summary>
    public bool SkipBadFiles { get; private init; }

    /// <summary>Reads the settings of a run, or of the one that a generator's file or a checkpoint lies in.</summary>
    /// <returns>Null where there are none.</returns>
    /// <exception cref="GanException">Data: they can't be read, or don't say it.</exception>
    public static RunDataset? OfFile(string run)
    {
        string? folder = Directory.Exists(run) ? run : Path.GetDirectoryName(Path.GetFullPath(run));
        string? above = folder is null ? null : Path.GetDirectoryName(folder); // a checkpoint's folder lies in the run's
        return (folder is null ? null : Of(folder)) ?? (above is null || Directory.Exists(run) ? null : Of(above));
    }

    /// <summary>The same, and null where they can't be read.</summary>
    public static RunDataset? IfKnown(string run)
    {
        try
        {
            return OfFile(run);
        }
        catch (GanException)
        {
            return null;
        }
    }

    /// <summary>Reads a run's settings.</summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="GanException">Data: they can't be read, or don't say it.</exception>
    public static RunDataset? Of(string run)
    {
        string path = Path.Combine(run, SettingsFile.Name);
        GanException? fault = null;
        try
        {
            if (!File.Exists(path))
                return null;
            var settings = SettingsFile.Read(run);
            if (Of(settings.Resolved.Dataset) is { } known)
                return known with { Pictures = settings.Request.Pictures, SkipBadFiles = settings.Request.SkipBadFiles };
        }
        catch (GanException found)
        {
            fault = found;
        }
        string why = fault is null ? $"{path} doesn't say" : $"{fault.Message} So it isn't known";
        throw new GanException(ExitCode.Data, $"{why} which data set the run was trained on. Name it with --dataset.", fault);
    }

    /// <summary>Returns the data set of a run; null where the settings don't say it.</summary>
    public static RunDataset? Of(DatasetFacts facts) => Of(facts.Name, facts.Where);

    /// <summary>Returns the data set with a name in a place; null where one is missing.</summary>
    public static RunDataset? Of(string? name, string? where) => string.IsNullOrEmpty(name) || where is null ? null
        : name == PictureFolder.Name ? new RunDataset(where, null)
        : new RunDataset(name, name == Digits.SetName ? null : where);

    /// <summary>
    /// The folder, if it is still there and none of the usual places: only then it is the one folder that counts. What lies in a usual
    /// place may have its test part in another, or on a mirror.
    /// </summary>
    public string? FolderOfItsOwn(SearchPath searchPath) =>
        Directory.Exists(Folder) && searchPath.Folders.All(place => Path.GetFullPath(place.Folder) != Path.GetFullPath(Folder))
            ? Folder
            : null;
}

using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Runs;

/// <summary>The data set of a run, from its `settings.json`.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or a folder of pictures.</param>
/// <param name="Folder">The folder of its files; null if it has none.</param>
internal sealed record RunDataset(string Name, string? Folder)
{
    /// <summary>Reads a run's settings.</summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="GanException">Data: they can't be read, or don't say it.</exception>
    public static RunDataset? Of(string run)
    {
        string path = Path.Combine(run, SettingsFile.Name);
        try
        {
            return File.Exists(path) ? SettingsReader.Read(run, settings => Of(settings.Object("dataset"))) : null;
        }
        catch (GanException fault)
        {
            throw new GanException(
                ExitCode.Data, $"{path} doesn't say which data set the run was trained on. Name it with --dataset.", fault);
        }
    }

    /// <summary>
    /// The folder, if it is still there and none of the usual places: only then it is the one folder that counts. What lies in a usual
    /// place may have its test part in another, or on a mirror.
    /// </summary>
    public string? FolderOfItsOwn(SearchPath searchPath) =>
        Directory.Exists(Folder) && searchPath.Folders.All(place => Path.GetFullPath(place.Folder) != Path.GetFullPath(Folder))
            ? Folder
            : null;

    /// <summary>Reads the settings' `dataset`.</summary>
    /// <exception cref="GanException">Data: it doesn't say it.</exception>
    public static RunDataset Of(SettingsReader dataset)
    {
        string name = dataset.Text("name"), where = dataset.Text("where");
        return name == PictureFolder.Name ? new RunDataset(where, null) : new RunDataset(name, name == Digits.SetName ? null : where);
    }
}

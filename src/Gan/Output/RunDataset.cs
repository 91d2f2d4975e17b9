namespace GanFromScratch.Gan;

/// <summary>The data set that a run was trained on, as its `settings.json` names it.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or a folder of pictures.</param>
/// <param name="Folder">Where its files were; null where it has none.</param>
internal sealed record RunDataset(string Name, string? Folder)
{
    /// <summary>Reads a run's settings.</summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="GanException">Data: they can't be read, or don't say it.</exception>
    public static RunDataset? Of(string run) =>
        File.Exists(Path.Combine(run, SettingsFile.Name)) ? SettingsReader.Read(run, settings => Of(settings.Object("dataset"))) : null;

    /// <summary>Reads the settings' `dataset`.</summary>
    /// <exception cref="GanException">Data: it doesn't say it.</exception>
    public static RunDataset Of(SettingsReader dataset)
    {
        string name = dataset.Text("name"), where = dataset.Text("where");
        return name == PictureFolder.Name ? new RunDataset(where, null) : new RunDataset(name, name == Digits.SetName ? null : where);
    }
}

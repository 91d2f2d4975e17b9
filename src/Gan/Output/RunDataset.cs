using System.Text.Json;

namespace GanFromScratch.Gan;

/// <summary>The data set that a run was trained on, as its `settings.json` names it.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or a folder of pictures.</param>
/// <param name="Folder">Where its files were, if they are still there.</param>
internal sealed record RunDataset(string Name, string? Folder)
{
    /// <summary>Reads a run's settings.</summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="GanException">Data: they can't be read, or don't say it.</exception>
    public static RunDataset? Of(string run)
    {
        string path = Path.Combine(run, RunFolder.SettingsName);
        if (!File.Exists(path))
            return null;
        try
        {
            using var settings = JsonDocument.Parse(File.ReadAllBytes(path));
            var dataset = settings.RootElement.GetProperty("dataset");
            string name = dataset.GetProperty("name").GetString() ?? "", where = dataset.GetProperty("where").GetString() ?? "";
            if (name == PictureFolder.Name)
                return new RunDataset(where, null);
            return new RunDataset(name, name != "digits" && Directory.Exists(where) ? where : null);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new GanException(ExitCode.Data, $"{path} doesn't say which data set the run was trained on. Name it with --dataset.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}. Name the run's data set with --dataset.", fault);
        }
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Data;

/// <summary>The folders that are searched for a data set's files: that of GAN_DATA_DIR, then the user's cache.</summary>
/// <param name="Variable">The value of GAN_DATA_DIR as a full path, or null if it is unset or empty.</param>
/// <param name="Cache">The program's folder in the user's cache.</param>
public sealed record SearchPath(string? Variable, string Cache)
{
    /// <summary>The folder of downloads.</summary>
    public string DownloadFolder => Path.Combine(Cache, "mnist");

    /// <summary>The folders for MNIST in the order of the search, each with its name: both folders and their subfolders `mnist`.</summary>
    public IReadOnlyList<(string Folder, string Name)> Folders
    {
        get
        {
            (string, string)[] cache = [(Cache, "the cache"), (DownloadFolder, "the cache")];
            return Variable is null ? cache : [(Variable, "GAN_DATA_DIR"), (Path.Combine(Variable, "mnist"), "GAN_DATA_DIR"), .. cache];
        }
    }

    /// <summary>Makes the search path of the environment.</summary>
    public static SearchPath FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Makes a search path of environment variables.</summary>
    /// <param name="variable">Gets the value of a variable, or null.</param>
    public static SearchPath From(Func<string, string?> variable)
    {
        string? named = variable("GAN_DATA_DIR");
        return new SearchPath(string.IsNullOrEmpty(named) ? null : Path.GetFullPath(named), UserCache.Folder(variable));
    }
}

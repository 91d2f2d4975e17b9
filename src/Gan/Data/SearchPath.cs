using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Data;

/// <summary>The usual places of a data set's files: what GAN_DATA_DIR names, then the user's cache folder.</summary>
/// <param name="Variable">The value of GAN_DATA_DIR as a full path, or null where it is unset or empty.</param>
/// <param name="Cache">The program's own folder in the user's cache.</param>
public sealed record SearchPath(string? Variable, string Cache)
{
    /// <summary>Where downloads go.</summary>
    public string DownloadFolder => Path.Combine(Cache, "mnist");

    /// <summary>The folders in the order they are searched, and what they are called: each place itself, then its folder `mnist`.</summary>
    public IReadOnlyList<(string Folder, string Why)> Folders
    {
        get
        {
            (string, string)[] cache = [(Cache, "the cache"), (DownloadFolder, "the cache")];
            return Variable is null ? cache : [(Variable, "GAN_DATA_DIR"), (Path.Combine(Variable, "mnist"), "GAN_DATA_DIR"), .. cache];
        }
    }

    /// <summary>The places of this machine and user.</summary>
    public static SearchPath OfThisMachine() => From(Environment.GetEnvironmentVariable);

    /// <summary>The places that an environment gives.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    public static SearchPath From(Func<string, string?> variable)
    {
        string? named = variable("GAN_DATA_DIR");
        return new SearchPath(string.IsNullOrEmpty(named) ? null : Path.GetFullPath(named), UserCache.Folder(variable));
    }
}

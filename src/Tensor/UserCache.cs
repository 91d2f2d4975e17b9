namespace GanFromScratch.Tensors;

/// <summary>The program's cache folder.</summary>
public static class UserCache
{
    private const string Program = "gan-from-scratch";

    /// <summary>
    /// Returns the folder that GAN_CACHE_DIR names, otherwise the program's folder in the user's cache directory. It may not exist yet.
    /// </summary>
    /// <param name="variable">Returns the value of an environment variable, or null.</param>
    public static string Folder(Func<string, string?> variable)
    {
        if (variable("GAN_CACHE_DIR") is { Length: > 0 } named)
            return Path.GetFullPath(named);
        // The XDG base directory specification: a relative path is to be ignored.
        if (variable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg))
            return Path.Combine(xdg, Program);
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Program);
        string home = variable("HOME") is { Length: > 0 } own && Path.IsPathFullyQualified(own)
            ? own
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
            home = Path.GetTempPath();
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", Program) : Path.Combine(home, ".cache", Program);
    }
}

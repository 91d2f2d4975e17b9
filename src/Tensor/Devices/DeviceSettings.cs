using System.Globalization;

namespace GanFromScratch.Tensors;

/// <summary>What a user can set for devices behind a driver, through the environment.</summary>
/// <param name="Cache">The folder of what can be found out again, such as which drivers can be loaded.</param>
/// <param name="DebugLevel">GAN_DEBUG: 1 says which device was opened, 2 times every kernel as well, 3 prints the text that each becomes.</param>
/// <param name="Log">Where that is said.</param>
public sealed record DeviceSettings(string Cache, int DebugLevel, TextWriter Log)
{
    /// <summary>The settings of this process: GAN_DEBUG, GAN_CACHE_DIR, and standard error.</summary>
    public static DeviceSettings OfThisProcess() => From(Environment.GetEnvironmentVariable, Console.Error);

    /// <summary>The settings that an environment gives.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    /// <param name="log">Where debugging output goes.</param>
    public static DeviceSettings From(Func<string, string?> variable, TextWriter log)
    {
        _ = int.TryParse(variable("GAN_DEBUG"), NumberStyles.None, CultureInfo.InvariantCulture, out int level); // anything else is 0
        return new DeviceSettings(UserCache.Folder(variable), level, log);
    }
}

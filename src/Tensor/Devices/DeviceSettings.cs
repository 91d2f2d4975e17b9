using System.Globalization;

namespace GanFromScratch.Tensors;

/// <summary>A user's settings for devices, from the environment.</summary>
/// <param name="Cache">The folder for cached results, such as which drivers can be loaded.</param>
/// <param name="DebugLevel">GAN_DEBUG: 1 logs which device was opened, 2 also times every kernel, 3 also prints each kernel's text.</param>
/// <param name="Log">Where debugging output goes.</param>
public sealed record DeviceSettings(string Cache, int DebugLevel, TextWriter Log)
{
    /// <summary>
    /// Whether work that is the same in each step is recorded once and replayed; null, the default, where that is one CUDA graph.
    /// GAN_CUDA_GRAPHS=0 says no.
    /// </summary>
    public bool? ReplaysWork { get; init; }

    /// <summary>Whether kernels are picked by measurement; null, the default, on graphics cards. GAN_TUNE=0 says no.</summary>
    public bool? PicksKernels { get; init; }

    /// <summary>Whether matrix products may round their operands to TF32 where a CUDA device has tensor cores for it.</summary>
    public bool Fast { get; init; }

    /// <summary>Returns the settings of this process: GAN_DEBUG, GAN_CACHE_DIR, GAN_CUDA_GRAPHS, GAN_TUNE, and standard error.</summary>
    public static DeviceSettings OfThisProcess() => From(Environment.GetEnvironmentVariable, Console.Error);

    /// <summary>Returns the settings of an environment.</summary>
    /// <param name="variable">Returns the value of an environment variable, or null.</param>
    /// <param name="log">Where debugging output goes.</param>
    public static DeviceSettings From(Func<string, string?> variable, TextWriter log)
    {
        _ = int.TryParse(variable("GAN_DEBUG"), NumberStyles.None, CultureInfo.InvariantCulture, out int level); // anything else is 0
        bool? replays = variable("GAN_CUDA_GRAPHS") == "0" ? false : null;
        bool? picks = variable("GAN_TUNE") == "0" ? false : null;
        return new DeviceSettings(UserCache.Folder(variable), level, log) { ReplaysWork = replays, PicksKernels = picks };
    }
}

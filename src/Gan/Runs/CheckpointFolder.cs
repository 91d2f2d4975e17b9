using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Runs;

/// <summary>A run's checkpoints: `checkpoints/step-00000469.safetensors`.</summary>
/// <param name="path">The folder.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-", Extension = ".safetensors";

    /// <summary>Returns a checkpoint's path.</summary>
    public string PathOf(int step) => Path.Combine(path, $"{Prefix}{step.ToString("00000000", CultureInfo.InvariantCulture)}{Extension}");

    /// <summary>Lists the steps of all checkpoints, in order.</summary>
    /// <exception cref="GanException">Data: the folder can't be read.</exception>
    public int[] Steps()
    {
        try
        {
            string[] files = Directory.Exists(path) ? Directory.GetFiles(path, $"{Prefix}*{Extension}") : [];
            return [.. files.Select(StepOf).OfType<int>().Order()];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, fault, "Allow reading it.");
        }
    }

    /// <summary>Returns the newest checkpoint's path, or null.</summary>
    public string? Newest() => Steps() is [.., var step] ? PathOf(step) : null;

    /// <summary>Removes some checkpoints.</summary>
    /// <param name="which">Picks them from the steps of all.</param>
    public void Remove(Func<int[], IEnumerable<int>> which)
    {
        foreach (int step in which(Steps()))
            AtomicFile.Remove(PathOf(step));
    }

    private static int? StepOf(string file)
    {
        string number = Path.GetFileNameWithoutExtension(file)[Prefix.Length..];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : null;
    }
}

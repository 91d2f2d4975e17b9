using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>A run's checkpoints: `checkpoints/step-00000469.safetensors`, each written while training goes on.</summary>
/// <param name="path">The folder.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-", Extension = ".safetensors";
    private Task _writing = Task.CompletedTask;

    /// <summary>What the next checkpoint is noted in, once the last one is written.</summary>
    private readonly Snapshot _snapshot = new();

    /// <summary>A checkpoint's path.</summary>
    public string PathOf(int step) => Path.Combine(path, $"{Prefix}{step.ToString("00000000", CultureInfo.InvariantCulture)}{Extension}");

    /// <summary>The steps of all checkpoints, in order.</summary>
    /// <exception cref="GanException">Data: the folder can't be read.</exception>
    public int[] Steps()
    {
        try
        {
            return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, $"{Prefix}*{Extension}").Select(StepOf).OfType<int>().Order()] : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}. Allow reading it.", fault);
        }
    }

    /// <summary>The newest checkpoint, or null.</summary>
    public string? Newest() => Steps() is [.., var step] ? PathOf(step) : null;

    /// <summary>Notes a checkpoint and writes it while the caller goes on; then removes those that aren't to be kept.</summary>
    /// <param name="step">Its step.</param>
    /// <param name="note">Notes it, at once.</param>
    /// <param name="before">What must be on the disk before it.</param>
    /// <param name="kept">Which of the steps stay.</param>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: an earlier one could not be written.</exception>
    public void Write(int step, Action<Snapshot> note, Action before, Func<int[], IEnumerable<int>> kept)
    {
        Finish();
        note(_snapshot);
        _writing = Task.Run(() =>
        {
            before();
            Checkpoint.Write(PathOf(step), _snapshot);
            Remove(steps => steps.Except(kept(steps)));
        });
    }

    /// <summary>Removes some checkpoints.</summary>
    /// <param name="which">Picks them from the steps of all.</param>
    public void Remove(Func<int[], IEnumerable<int>> which)
    {
        foreach (int step in which(Steps()))
            AtomicFile.Remove(PathOf(step));
    }

    /// <summary>Waits until all are written.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: one could not be written.</exception>
    public void Finish()
    {
        var writing = _writing;
        _writing = Task.CompletedTask;
        writing.GetAwaiter().GetResult();
    }

    private static int? StepOf(string file)
    {
        string number = Path.GetFileNameWithoutExtension(file)[Prefix.Length..];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : null;
    }
}

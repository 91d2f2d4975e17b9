using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Runs;

/// <summary>A run's folder and its files. One that was made is locked until it is disposed.</summary>
internal sealed class RunFolder : IDisposable
{
    /// <summary>The folder of runs without a name, in the current one.</summary>
    public const string Parent = "runs";

    /// <summary>The generator's weights, within the folder.</summary>
    public const string GeneratorName = "generator.safetensors";

    private const string Samples = "samples", CheckpointsName = "checkpoints", Events = "events.out.tfevents.";

    private readonly DirectoryLock? _lock;

    private RunFolder(string name, DirectoryLock? own = null) => (Name, _lock) = (name, own);

    /// <summary>The folder's path as the user gave it.</summary>
    public string Name { get; }

    /// <summary>A row per epoch.</summary>
    public string Losses => LossesOf(Name);

    /// <summary>A JSON object per epoch.</summary>
    public string Metrics => MetricsOf(Name);

    /// <summary>A row for each of some steps.</summary>
    public string Steps => StepsOf(Name);

    /// <summary>A JSON object per epoch, with D's outputs.</summary>
    public string Scores => ScoresOf(Name);

    /// <summary>The loss curves.</summary>
    public string Curves => Path.Combine(Name, "loss.svg");

    /// <summary>The grids in order.</summary>
    public string Animation => Path.Combine(Name, "training.gif");

    /// <summary>The generator's weights.</summary>
    public string Generator => Path.Combine(Name, GeneratorName);

    /// <summary>Returns where TensorBoard's events are from a step on.</summary>
    public string EventsFrom(int step) => Path.Combine(Name, $"{Events}{step:00000000}.gan");

    /// <summary>Removes the events of a run that began after a step.</summary>
    public static void RemoveEvents(string run, int after)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(run, $"{Events}*.gan");
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            throw FileFault.Unreadable(run, fault);
        }
        foreach (string file in files)
        {
            string number = Path.GetFileName(file)[Events.Length..].Split('.')[0];
            if (int.TryParse(number, CultureInfo.InvariantCulture, out int step) && step > after)
                AtomicFile.Remove(file);
        }
    }

    /// <summary>The checkpoints.</summary>
    public string Checkpoints => CheckpointsOf(Name);

    /// <summary>A grid of real pictures.</summary>
    public string RealSamples => Path.Combine(Name, Samples, "real.png");

    /// <summary>The grid after an epoch, within the folder; 0: before training.</summary>
    public static string Sample(int epoch) => Path.Combine(Samples, $"epoch-{epoch:0000}.png");

    /// <summary>Lists the epochs of a run's grids, in order.</summary>
    public static int[] SampledEpochs(string run)
    {
        string folder = Path.Combine(run, Samples);
        if (!Directory.Exists(folder))
            return [];
        const string Prefix = "epoch-";
        return [.. Directory.EnumerateFiles(folder, $"{Prefix}*.png")
            .Select(file => Path.GetFileNameWithoutExtension(file)[Prefix.Length..])
            .Select(number => int.TryParse(number, CultureInfo.InvariantCulture, out int epoch) ? epoch : (int?)null)
            .OfType<int>().Order()];
    }

    /// <summary>A run's `loss.csv`.</summary>
    public static string LossesOf(string run) => Path.Combine(run, "loss.csv");

    /// <summary>A run's `metrics.jsonl`.</summary>
    public static string MetricsOf(string run) => Path.Combine(run, "metrics.jsonl");

    /// <summary>A run's `steps.csv`.</summary>
    public static string StepsOf(string run) => Path.Combine(run, "steps.csv");

    /// <summary>A run's `scores.jsonl`.</summary>
    public static string ScoresOf(string run) => Path.Combine(run, "scores.jsonl");

    /// <summary>Where a run's checkpoints are.</summary>
    public static string CheckpointsOf(string run) => Path.Combine(run, CheckpointsName);

    /// <summary>Refuses an output that can't become a run's folder, before anything else is done for it.</summary>
    /// <param name="output">What was asked for; null: the next number in <see cref="Parent"/>.</param>
    /// <exception cref="GanException">
    /// Usage: a file, a folder that isn't empty, or one that mustn't be made or written to. Writing: no folder can be made there.
    /// </exception>
    public static void Check(string? output)
    {
        if (output is not null)
        {
            if (output.Length == 0)
                throw Refused(output, "is empty");
            if (File.Exists(output))
                throw Refused(output, "is a file");
        }
        string name = output ?? Parent;
        try
        {
            if (output is not null && Directory.Exists(output))
                RequireEmpty(output);
            RequireWritable(name);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(name, FileFault.Cause(fault, name), fault);
        }
    }

    /// <summary>Returns the folder's path before it is made.</summary>
    public static string Next(string? output, string recipe, string dataset) =>
        output ?? Path.Combine(Parent, NameOf(NextNumber(), recipe, dataset));

    /// <summary>Makes the folder: the one that was asked for, or the next number's.</summary>
    /// <param name="output">What was asked for; null: the next number in <see cref="Parent"/>.</param>
    /// <param name="recipe">The recipe's name.</param>
    /// <param name="dataset">The data set's name.</param>
    /// <param name="ofTraining">Whether there will be sample grids and checkpoints.</param>
    /// <exception cref="GanException">Usage: it is another run's, or mustn't be made or written to. Writing: it can't.</exception>
    public static RunFolder Create(string? output, string recipe, string dataset, bool ofTraining = true)
    {
        Check(output);
        string name = output ?? Parent;
        try
        {
            if (output is null)
            {
                string claimed = Claim(recipe, dataset, ofTraining);
                return new RunFolder(claimed, Lock(claimed));
            }
            DirectoryLock.Make(output);
            var own = Lock(output);
            try
            {
                RequireEmpty(output); // another run may have been here since it was looked at
                Make(output, ofTraining);
                return new RunFolder(output, own);
            }
            catch
            {
                own.Dispose();
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(name, FileFault.Cause(fault, name), fault);
        }
    }

    /// <summary>Locks a run's folder: one program at a time trains in it.</summary>
    /// <exception cref="GanException">Usage: another one does.</exception>
    public static DirectoryLock Lock(string run) => DirectoryLock.Await(run) ?? throw new GanException(
        ExitCode.Usage, $"{run} is in use by another gan. Wait until that has ended, or end it.");

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>
    /// Opens the folder of a run to resume, and restores its state at a checkpoint: unfinished files of a kill, and later grids, are
    /// removed.
    /// </summary>
    /// <param name="name">The folder.</param>
    /// <param name="staysSampled">Which epochs' grids stay.</param>
    /// <exception cref="GanException">Writing: it can't be changed.</exception>
    public static RunFolder Resume(string name, Func<int, bool> staysSampled)
    {
        try
        {
            Make(name, ofTraining: true);
            string probe = Path.Combine(name, $".gan-{Guid.NewGuid():N}");
            Directory.CreateDirectory(probe); // only making one tells, before anything is removed
            Directory.Delete(probe);
            AtomicFile.RemoveUnfinished(name);
            foreach (string grid in Directory.EnumerateFiles(Path.Combine(name, Samples), "epoch-*.png"))
            {
                string number = Path.GetFileNameWithoutExtension(grid)["epoch-".Length..];
                if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) && !staysSampled(epoch))
                    File.Delete(grid);
            }
            return new RunFolder(name);
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            throw Unresumable(name, fault);
        }
    }

    private static void RequireEmpty(string output)
    {
        if (Directory.EnumerateFileSystemEntries(output).Any(entry => Path.GetFileName(entry) != DirectoryLock.FileName))
            throw Refused(output, "isn't empty, and no run is overwritten");
    }

    /// <summary>Refuses a folder that can't be made or written to. Only making a folder tells: it is gone again at once.</summary>
    /// <exception cref="GanException">Usage: the permission is missing. Writing: it can't for another reason.</exception>
    internal static void RequireWritable(string name)
    {
        string nearest = Path.GetFullPath(name);
        while (!Path.Exists(nearest) && Path.GetDirectoryName(nearest) is { } parent)
            nearest = parent;
        if (File.Exists(nearest))
            throw Unwritable(name, $"{nearest} is a file, no folder");
        string probe = Path.Combine(nearest, $".gan-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string why = fault is DirectoryNotFoundException or FileNotFoundException ? "the system makes none there"
                : FileFault.Cause(fault, probe);
            throw Unwritable(name, $"no folder can be made in {nearest} ({why})", fault);
        }
    }

    // A folder with something in it is renamed into place: that fails where another run took the number meanwhile.
    private static string Claim(string recipe, string dataset, bool ofTraining)
    {
        string made = Path.Combine(Parent, $".new-{Guid.NewGuid():N}");
        Make(made, ofTraining);
        try
        {
            for (int number = NextNumber(); ; number++)
            {
                string name = Path.Combine(Parent, NameOf(number, recipe, dataset));
                try
                {
                    Directory.Move(made, name);
                    DirectoryLock.Flush(Parent);
                    return name;
                }
                catch (IOException) when (Path.Exists(name))
                {
                    // taken: the next number
                }
            }
        }
        catch
        {
            Directory.Delete(made, recursive: true);
            throw;
        }
    }

    private static void Make(string folder, bool ofTraining)
    {
        DirectoryLock.Make(folder);
        foreach (string part in ofTraining ? (string[])[Samples, CheckpointsName] : [])
            DirectoryLock.Make(Path.Combine(folder, part));
    }

    private static int NextNumber() => Directory.Exists(Parent)
        ? Directory.EnumerateFileSystemEntries(Parent).Select(NumberOf).DefaultIfEmpty(0).Max() + 1
        : 1;

    private static int NumberOf(string path)
    {
        string name = Path.GetFileName(path);
        int dash = name.IndexOf('-');
        bool isNumber = int.TryParse(name[..Math.Max(dash, 0)], NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return isNumber && dash >= 4 && number < int.MaxValue ? number : 0;
    }

    private static string NameOf(int number, string recipe, string dataset) => $"{number:0000}-{recipe}-{dataset}";

    private static GanException Unwritable(string name, string why, Exception? fault = null) => new(
        fault is null || FileFault.IsForbidden(fault) ? ExitCode.Usage : ExitCode.Writing,
        $"The run's folder {name} can't be written to: {why.TrimEnd('.')}. Choose another place with --output.", fault);

    private static GanException Unresumable(string run, Exception fault) => new(
        ExitCode.Writing,
        $"{run} can't be written to: {FileFault.Cause(fault, run)}. Copy the folder to a place where it can be, and resume the copy.",
        fault);

    private static GanException Refused(string output, string fault) =>
        new(ExitCode.Usage, $"--output '{output}' {fault}. Name a folder that is new or empty.");
}

namespace GanFromScratch.Gan.Errors;

/// <summary>The program's exit codes, as `docs/` and the README list them.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>A bug in the program.</summary>
    Bug = 1,

    /// <summary>Wrong usage: an unknown name, a value out of range, an output folder that can't be used.</summary>
    Usage = 2,

    /// <summary>Data missing or damaged.</summary>
    Data = 3,

    /// <summary>Device missing or failing.</summary>
    Device = 4,

    /// <summary>Training diverged: NaN or infinity.</summary>
    Diverged = 5,

    /// <summary>The disk is full, or writing failed after the run began.</summary>
    Writing = 6,

    /// <summary>Interrupted by Ctrl-C or SIGTERM.</summary>
    Interrupted = 130,
}

/// <summary>
/// An error that a user can do something about: one or two plain sentences (what, where, why, what to do) and the exit code it ends the
/// program with.
/// </summary>
public sealed class GanException(ExitCode code, string message, Exception? inner = null) : Exception(Shown(message), inner)
{
    private const int Longest = 2_000;

    /// <summary>What the program exits with.</summary>
    public ExitCode Code { get; } = code;

    // Messages quote names and texts of damaged files: a terminal would obey their control characters, and they may be of any length.
    private static string Shown(string message)
    {
        string text = message.Length <= Longest ? message : $"{message[..(Longest / 2)]} ... {message[^(Longest / 3)..]}";
        return string.Create(text.Length, text, (shown, from) =>
        {
            for (int i = 0; i < shown.Length; i++)
                shown[i] = char.IsControl(from[i]) && from[i] != '\n' ? '\uFFFD' : from[i]; // lists have a line for each item
        });
    }
}

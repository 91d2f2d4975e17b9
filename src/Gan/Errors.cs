namespace GanFromScratch.Gan;

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
public sealed class GanException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the program exits with.</summary>
    public ExitCode Code { get; } = code;
}

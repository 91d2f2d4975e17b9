namespace GanFromScratch.Gan.Errors;

/// <summary>Exit codes of the program.</summary>
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

    /// <summary>Trained states differ from the published ones.</summary>
    Different = 7,

    /// <summary>Interrupted by Ctrl-C or SIGTERM.</summary>
    Interrupted = 130,
}

/// <summary>
/// An error that a user can act on: one or two plain sentences (what, where, why, what to do), and the program's exit code.
/// </summary>
public sealed class GanException(ExitCode code, string message, Exception? inner = null) : Exception(Sanitise(message), inner)
{
    private const int MaxLength = 2_000;

    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What follows the message, a line each: any number.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    // Messages quote names and texts from damaged files: a terminal would obey control characters, and the texts may be of any length. An
    // exception of the network quotes the proxy's address as the environment has it.
    private static string Sanitise(string message)
    {
        string text = message.Length <= MaxLength ? message : $"{message[..(MaxLength / 2)]} ... {message[^(MaxLength / 3)..]}";
        return Secrets.Remove(Plural.Printable(text));
    }
}

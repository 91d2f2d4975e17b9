namespace GanFromScratch.Gan.Terminal;

/// <summary>The output of a command: results on standard output, warnings on standard error.</summary>
internal abstract class Screen
{
    /// <summary>Opens a screen: with a live line on a terminal, of plain lines in a file or a pipe, silent with `--quiet`.</summary>
    public static Screen Open(bool quiet) =>
        quiet ? new SilentScreen() : Console.IsOutputRedirected ? new PlainScreen() : TerminalScreen.Open();

    /// <summary>Whether the live line is visible.</summary>
    public virtual bool IsLive => false;

    /// <summary>Writes a line.</summary>
    public abstract void Say(string line = "");

    /// <summary>Writes a warning.</summary>
    public virtual void Warn(string line) => Console.Error.WriteLine($"Warning: {line}");

    /// <summary>Runs work with a live line below all other lines, on a terminal that can have one.</summary>
    public virtual T During<T>(Func<T> work) => work();

    /// <summary>Replaces the text of the live line.</summary>
    public virtual void Show(string line)
    {
    }

    private sealed class SilentScreen : Screen
    {
        public override void Say(string line = "")
        {
        }

        public override void Warn(string line)
        {
        }
    }
}

/// <summary>A screen of plain lines.</summary>
internal sealed class PlainScreen : Screen
{
    /// <inheritdoc/>
    public override void Say(string line = "") => Console.WriteLine(line);
}

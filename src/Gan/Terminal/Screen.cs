namespace GanFromScratch.Gan.Terminal;

/// <summary>Where a command says things: standard output for what was asked for, standard error for warnings.</summary>
internal abstract class Screen
{
    /// <summary>A terminal gets a live line; a file or a pipe plain lines; with `--quiet` nothing is said.</summary>
    public static Screen Open(bool quiet) => quiet ? new Silence() : Console.IsOutputRedirected ? new PlainScreen() : TerminalScreen.Open();

    /// <summary>Whether <see cref="Show"/> is seen.</summary>
    public virtual bool IsLive => false;

    /// <summary>A line that stays.</summary>
    public abstract void Say(string line = "");

    /// <summary>Something the user should know of, but no error.</summary>
    public virtual void Warn(string line) => Console.Error.WriteLine($"Warning: {line}");

    /// <summary>Works while a live line stands below what was said, where there can be one.</summary>
    public virtual T During<T>(Func<T> work) => work();

    /// <summary>Changes the live line.</summary>
    public virtual void Show(string line)
    {
    }

    private sealed class Silence : Screen
    {
        public override void Say(string line = "")
        {
        }

        public override void Warn(string line)
        {
        }
    }
}

/// <summary>Plain lines.</summary>
internal sealed class PlainScreen : Screen
{
    /// <inheritdoc/>
    public override void Say(string line = "") => Console.WriteLine(line);
}

using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Terminal;

/// <summary>The output of a command: results on standard output, warnings and errors on standard error, wrapped to the window.</summary>
internal abstract class Screen
{
    /// <summary>The width of a page in a file or a pipe.</summary>
    public const int PageWidth = 80;

    /// <summary>Shows nothing.</summary>
    public static Screen Silent { get; } = new SilentScreen();

    /// <summary>Whether lists that may be long are shown whole.</summary>
    public bool IsVerbose { get; private set; }

    /// <summary>Opens a screen: with a live line on a terminal, of plain lines in a file or a pipe, silent with `--quiet`.</summary>
    public static Screen Open(bool quiet, bool verbose)
    {
        var screen = quiet ? new SilentScreen() : Console.IsOutputRedirected ? new PlainScreen() : TerminalScreen.Open();
        screen.IsVerbose = verbose;
        return screen;
    }

    /// <summary>Whether the live line is visible.</summary>
    public virtual bool IsLive => false;

    /// <summary>Whether there can be more than lines.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>Columns of the window; <see cref="int.MaxValue"/> in a file or a pipe.</summary>
    public static int Width => Console.IsOutputRedirected ? int.MaxValue : WindowWidth();

    /// <summary>Rows of the window; 0 in a file or a pipe.</summary>
    public static int Height => Console.IsOutputRedirected ? 0 : Console.WindowHeight;

    /// <summary>Writes a line for people, wrapped to the window, with the commands in it as they are typed.</summary>
    /// <param name="line">The line.</param>
    /// <param name="widthOfFiles">Where it is wrapped in a file or a pipe: a log isn't, a page is.</param>
    public void Say(string line = "", int widthOfFiles = int.MaxValue)
    {
        foreach (string part in TextLayout.Wrap(Invocation.InTypedForm(line), Console.IsOutputRedirected ? widthOfFiles : Width))
            Print(part);
    }

    /// <summary>Writes a line for programs as it is.</summary>
    public abstract void Print(string line);

    /// <summary>Writes a line that is the command's whole result, with `--quiet` too.</summary>
    public virtual void Announce(string line) => Print(line);

    /// <summary>Writes a warning.</summary>
    public void Warn(string line) => Notice($"Warning: {line}");

    /// <summary>Writes a line to standard error, for people who watch, from any thread.</summary>
    public virtual void Notice(string line) => Error(line);

    /// <summary>Shows the cursor that a live line has hidden, before the program ends at once.</summary>
    public virtual void ShowCursor()
    {
    }

    /// <summary>Writes a text to standard error, wrapped to the window, with the commands in it as they are typed.</summary>
    public static void Error(string text)
    {
        foreach (string line in ErrorLines(text))
            Console.Error.WriteLine(line);
    }

    /// <summary>Returns the lines that a text has on standard error.</summary>
    protected static IEnumerable<string> ErrorLines(string text) => Invocation.InTypedForm(Secrets.Remove(text)).Split('\n')
        .SelectMany(line => TextLayout.Wrap(line, Console.IsErrorRedirected ? int.MaxValue : WindowWidth()));

    /// <summary>Runs work with a live line below all other lines, on a terminal that can have one.</summary>
    public virtual T During<T>(Func<T> work) => work();

    /// <summary>Replaces the text of the live line.</summary>
    public virtual void Show(string line)
    {
    }

    /// <summary>Replaces what is above the live line, where there is one.</summary>
    /// <param name="lines">Lines of text.</param>
    /// <param name="picture">A picture above them, or null.</param>
    public virtual void ShowAbove(IReadOnlyList<string> lines, TerminalPicture? picture)
    {
    }

    // a terminal that doesn't tell has 80 columns; the last one stays free, where some begin a new line
    private static int WindowWidth()
    {
        int columns = Console.WindowWidth;
        return (columns > 0 ? columns : PageWidth) - 1;
    }

    private sealed class SilentScreen : Screen
    {
        public override void Print(string line)
        {
        }

        public override void Announce(string line) => Console.WriteLine(line);

        public override void Notice(string line)
        {
        }
    }
}

/// <summary>A screen of plain lines.</summary>
internal sealed class PlainScreen : Screen
{
    /// <inheritdoc/>
    public override void Print(string line) => Console.WriteLine(line);
}

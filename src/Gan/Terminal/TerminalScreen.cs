using Spectre.Console;
using Spectre.Console.Rendering;

namespace GanFromScratch.Gan.Terminal;

/// <summary>
/// A terminal: plain lines, and a live line below them, drawn by Spectre.Console. That has two locks and takes them in another order for
/// a line than for the live line, so two threads would wait for each other for ever: whoever draws holds the gate.
/// </summary>
internal sealed class TerminalScreen : Screen
{
    private readonly Lock _gate = new();
    private LiveDisplayContext? _live;
    private IRenderable[] _above = [];

    /// <summary>Opens a screen of plain lines if the terminal can't move its cursor.</summary>
    public static Screen Open() =>
        AnsiConsole.Profile.Capabilities is { Ansi: true, Interactive: true } ? new TerminalScreen() : new PlainScreen();

    /// <inheritdoc/>
    public override bool IsLive => _live is not null;

    /// <inheritdoc/>
    public override bool IsTerminal => true;

    /// <inheritdoc/>
    public override void Print(string line)
    {
        lock (_gate)
        {
            if (_live is null)
                Console.WriteLine(line);
            else
                AnsiConsole.Console.WriteLine(line); // Spectre moves the live line down
        }
    }

    /// <inheritdoc/>
    public override void Notice(string line)
    {
        lock (_gate)
        {
            if (_live is null || Console.IsErrorRedirected)
            {
                base.Notice(line);
                return;
            }
            foreach (string part in ErrorLines(line))
                Print(part); // on the same terminal, above the live line
        }
    }

    /// <inheritdoc/>
    public override void ShowCursor()
    {
        if (IsLive)
            Console.Out.Write("\u001b[?25h\n");
    }

    /// <inheritdoc/>
    public override T During<T>(Func<T> work)
    {
        if (IsLive)
            throw new InvalidOperationException("During: one live line at a time");
        return AnsiConsole.Live(Lines(" ")).AutoClear(true).Start(live =>
        {
            lock (_gate)
                _live = live;
            try
            {
                return work();
            }
            finally
            {
                lock (_gate)
                    _live = null; // Spectre's own end follows: lines of other threads pass it by
            }
        });
    }

    /// <inheritdoc/>
    public override void Show(string line)
    {
        int width = AnsiConsole.Profile.Width - 1;
        var text = Lines(line.Length > width ? line[..Math.Max(0, width)] : line);
        lock (_gate)
            _live?.UpdateTarget(_above.Length == 0 ? text : new Rows([.. _above, text]));
    }

    /// <inheritdoc/>
    public override void ShowAbove(IReadOnlyList<string> lines, TerminalPicture? picture)
    {
        IRenderable[] drawn = picture is null ? [] : [new HalfBlocks(picture)];
        lock (_gate)
            _above = [.. drawn, .. lines.Select(line => new Text(line) { Overflow = Overflow.Crop })];
    }

    // Two lines, the first one empty: to return to the start of a single line, Spectre sends "0 lines up", which terminals take for one.
    private static Text Lines(string line) => new($"\n{line}", new Style(Color.Green));
}

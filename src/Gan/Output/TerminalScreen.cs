using Spectre.Console;

namespace GanFromScratch.Gan;

/// <summary>A terminal: lines that stay, and beneath them one that changes, drawn by Spectre.Console.</summary>
internal sealed class TerminalScreen : Screen
{
    private LiveDisplayContext? _live;

    /// <summary>Plain lines where the terminal can't move its cursor.</summary>
    public static Screen Open() => AnsiConsole.Profile.Capabilities is { Ansi: true, Interactive: true } ? new TerminalScreen() : new PlainScreen();

    /// <inheritdoc/>
    public override bool IsLive => _live is not null;

    /// <inheritdoc/>
    public override void Say(string line = "")
    {
        if (_live is null)
            Console.WriteLine(line);
        else
            AnsiConsole.Console.WriteLine(line); // Spectre moves the live line down
    }

    /// <inheritdoc/>
    public override T During<T>(Func<T> work)
    {
        if (IsLive)
            throw new InvalidOperationException("During: one live line at a time");
        return AnsiConsole.Live(Text.Empty).AutoClear(true).Start(live =>
        {
            _live = live;
            try
            {
                return work();
            }
            finally
            {
                live.UpdateTarget(Text.Empty);
                _live = null;
            }
        });
    }

    /// <inheritdoc/>
    public override void Show(string line)
    {
        int width = AnsiConsole.Profile.Width - 1;
        _live?.UpdateTarget(new Text(line.Length > width ? line[..Math.Max(0, width)] : line, new Style(Color.Green)));
    }
}

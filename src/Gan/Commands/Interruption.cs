using System.Diagnostics;
using System.Runtime.InteropServices;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>
/// Hears the signals that ask a program to end (INT, TERM, HUP, QUIT, XCPU, and a console's events on Windows) and those that ask for a
/// checkpoint (USR1, USR2). A command that says what it finishes first gets a token cancelled; any other ends at once. What comes within
/// a second is the same request: a process group, `timeout` and `dotnet run` send a signal twice. A later INT or TERM ends the program at
/// once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const PosixSignal Cpu = (PosixSignal)24; // SIGXCPU, where it exists

    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostOfWindows = TimeSpan.FromSeconds(20);
    private readonly Screen _screen;
    private readonly CancellationTokenSource _source = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _gate = new();
    private string? _finishing;
    private Action? _save;
    private long? _asked;
    private bool _saveIsDue;

    /// <summary>Starts to hear signals.</summary>
    /// <param name="screen">Where it is said what a signal does.</param>
    public Interruption(Screen screen)
    {
        _screen = screen;
        PosixSignal[] end = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
        PosixSignal[] more = OperatingSystem.IsWindows() ? [] : [Cpu];
        _registrations =
        [
            .. end.Concat(more).Select(signal => PosixSignalRegistration.Create(signal, End)),
            .. ForCheckpoints().Select(signal => PosixSignalRegistration.Create(signal, Save)),
        ];
    }

    /// <summary>Says what the command does when it is asked to end, and returns the token that the request cancels.</summary>
    /// <param name="finishing">What it finishes, such as "finishing the step"; said after the signal's name, unless it is empty.</param>
    public CancellationToken Finish(string finishing = "")
    {
        lock (_gate)
            _finishing = finishing;
        return _source.Token;
    }

    /// <summary>Has a checkpoint written on USR1 and USR2, and at once where one has come before.</summary>
    /// <param name="save">Asks for one; called on any thread.</param>
    public void OnCheckpoint(Action save)
    {
        lock (_gate)
        {
            _save = save;
            if (!_saveIsDue)
                return;
        }
        save();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Set();
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
        _ended.Dispose();
    }

    // SIGUSR1 and SIGUSR2 have no names in .NET, and other numbers on macOS
    private static PosixSignal[] ForCheckpoints() =>
        OperatingSystem.IsLinux() ? [(PosixSignal)10, (PosixSignal)12]
        : OperatingSystem.IsMacOS() ? [(PosixSignal)30, (PosixSignal)31]
        : [];

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        bool first, again;
        string? finishing;
        lock (_gate)
        {
            first = _asked is null;
            _asked ??= Stopwatch.GetTimestamp();
            again = context.Signal is PosixSignal.SIGINT or PosixSignal.SIGTERM
                && Stopwatch.GetElapsedTime(_asked.Value) >= SameRequest;
            finishing = _finishing;
        }
        if (again || finishing is null)
        {
            _screen.ShowCursor();
            Environment.Exit((int)ExitCode.Interrupted);
        }
        if (!first)
            return;
        if (finishing.Length > 0)
            _screen.Notice($"{NameOf(context.Signal)}: {finishing}; again to stop at once.");
        try
        {
            _source.Cancel();
            // Windows ends a program whose console is closed when this returns
            if (OperatingSystem.IsWindows() && context.Signal is PosixSignal.SIGHUP or PosixSignal.SIGTERM)
                _ended.Wait(MostOfWindows);
        }
        catch (ObjectDisposedException)
        {
            // the command has just ended by itself
        }
    }

    private void Save(PosixSignalContext context)
    {
        context.Cancel = true;
        Action? save;
        lock (_gate)
        {
            save = _save;
            _saveIsDue = save is null;
        }
        if (save is null)
            return;
        _screen.Notice("A checkpoint is written after this step; training goes on.");
        save();
    }

    private static string NameOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => "Ctrl-C",
        Cpu => "SIGXCPU",
        _ => signal.ToString(),
    };
}

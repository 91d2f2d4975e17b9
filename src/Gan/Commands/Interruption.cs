using System.Runtime.InteropServices;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Handles Ctrl-C and SIGTERM: the first one cancels, the second one ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Starts to handle signals.</summary>
    public Interruption() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    /// <summary>The token that the first signal cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_source.IsCancellationRequested)
        {
            _source.Cancel();
            return;
        }
        if (!Console.IsOutputRedirected)
            Console.Out.Write("\u001b[?25h\n"); // shows the cursor, which the live line has hidden
        Environment.Exit((int)ExitCode.Interrupted);
    }
}

using System.Runtime.InteropServices;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Ctrl-C and SIGTERM: the first one asks for a tidy end, the second one ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    public Interruption() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    /// <summary>Cancelled by the first signal.</summary>
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
            Console.Out.Write("\u001b[?25h\n"); // the live line had hidden the cursor
        Environment.Exit((int)ExitCode.Interrupted);
    }
}

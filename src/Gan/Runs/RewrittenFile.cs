using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// A file that is written anew after each epoch, while training continues. If that fails, the next epoch tries again: only the last write
/// has to succeed.
/// </summary>
/// <param name="screen">Gets one warning, at the first failure.</param>
internal sealed class RewrittenFile(Screen screen) : IDisposable
{
    private readonly BackgroundWrite _writing = new();
    private bool _warned;

    /// <summary>Waits until what the last write read may change; its failure is a warning.</summary>
    public void WaitUntilIdle()
    {
        try
        {
            _writing.Wait();
        }
        catch (GanException fault) when (fault.Code == ExitCode.Writing)
        {
            if (!_warned)
                screen.Warn($"{fault.Message} The next epoch tries again.");
            _warned = true;
        }
    }

    /// <summary>Starts to write the file.</summary>
    /// <param name="write">Writes it; what it reads must not change before <see cref="WaitUntilIdle"/>.</param>
    public void Start(Action write)
    {
        WaitUntilIdle();
        _writing.Start(write);
    }

    /// <summary>Waits for the last write.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: it failed.</exception>
    public void Finish() => _writing.Wait();

    /// <summary>Waits for the last write, and says nothing of a failure.</summary>
    public void Dispose() => _writing.WaitQuietly();
}

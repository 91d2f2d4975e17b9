using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>One file at a time that is written while the caller computes.</summary>
public sealed class BackgroundWrite
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Waits for the last write, then starts another.</summary>
    /// <param name="write">Writes the file; what it reads must not change before <see cref="Wait"/>.</param>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: the last one failed.</exception>
    public void Start(Action write)
    {
        Wait();
        _writing = Task.Run(write);
    }

    /// <summary>Waits until the file is written.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: it could not be; thrown once.</exception>
    public void Wait()
    {
        var writing = _writing;
        _writing = Task.CompletedTask;
        writing.GetAwaiter().GetResult();
    }

    /// <summary>Waits, and says nothing of a failure: for a caller that reports another one.</summary>
    public void WaitQuietly()
    {
        try
        {
            Wait();
        }
        catch (Exception)
        {
            // the caller's own fault says more
        }
    }
}

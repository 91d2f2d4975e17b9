using System.Diagnostics;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Runs;

/// <summary>How reading pictures goes: the live line where there is one, otherwise a line each five seconds.</summary>
internal sealed class ReadingLines(Screen screen) : IProgress<ReadingProgress>
{
    private static readonly TimeSpan LivePause = TimeSpan.FromSeconds(0.1), Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _one = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void Report(ReadingProgress value)
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _last)) < (screen.IsLive ? LivePause : Pause) || !_one.TryEnter())
            return;
        try
        {
            Volatile.Write(ref _last, Stopwatch.GetTimestamp());
            double left = Stopwatch.GetElapsedTime(_began).TotalSeconds / value.Done * (value.All - value.Done);
            string line = $"Reading pictures: {value.Done:N0} of {value.All:N0}, {ConsoleSink.Describe(left)} left";
            if (screen.IsLive)
                screen.Show(line);
            else
                screen.Say(line);
        }
        finally
        {
            _one.Exit();
        }
    }
}

using System.Diagnostics;

namespace GanFromScratch.Gan.Runs;

/// <summary>Which steps of a run logs show, about fifty of an epoch, and when they are written: a few times a second.</summary>
/// <param name="stepsPerEpoch">Steps of an epoch.</param>
internal sealed class StepRhythm(int stepsPerEpoch)
{
    private const int ShownOfEpoch = 50;
    private const double SecondsBetweenWrites = 0.25;
    private readonly int _every = Math.Max(1, stepsPerEpoch / ShownOfEpoch);
    private long _written;

    /// <summary>Returns whether a step is one of these: the same ones, however often the run is resumed.</summary>
    public bool Has(int step) => step % _every == 0;

    /// <summary>Returns whether enough time went by since it last did.</summary>
    public bool IsTimeToWrite()
    {
        if (Stopwatch.GetElapsedTime(_written).TotalSeconds < SecondsBetweenWrites)
            return false;
        _written = Stopwatch.GetTimestamp();
        return true;
    }
}

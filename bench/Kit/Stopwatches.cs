using System.Diagnostics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench.Kit;

/// <summary>Times what a device is given, by samples of launches that are queued one after another and waited for together.</summary>
/// <param name="device">The device.</param>
/// <param name="quick">Whether the figures are only to be there: three samples, however short.</param>
internal sealed class Stopwatches(Device device, bool quick)
{
    private const double SampleSeconds = 2e-3;
    private const int MaxLaunches = 1 << 14;
    private readonly int _samples = quick ? 3 : 9;

    /// <summary>Returns the median seconds of a launch, after a warm-up that also finds how many launches make a sample.</summary>
    public double Median(Action launch)
    {
        launch();
        int launches = 1;
        while (Seconds(launch, launches) < SampleSeconds && launches < MaxLaunches && !(quick && launches >= 4))
            launches *= 2;
        var seconds = new double[_samples];
        for (int i = 0; i < seconds.Length; i++)
            seconds[i] = Seconds(launch, launches) / launches;
        Array.Sort(seconds);
        return seconds[seconds.Length / 2];
    }

    private double Seconds(Action launch, int launches)
    {
        device.Synchronize();
        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < launches; i++)
            launch();
        device.Synchronize();
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }
}

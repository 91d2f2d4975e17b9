using System.Diagnostics;

namespace GanFromScratch.Tensors;

/// <content>Kernels picked by measurement: on graphics cards, where several give the same bits.</content>
public sealed partial class AcceleratorDevice
{
    private const double MeasuredSeconds = 5e-4, LongSeconds = 1e-2; // what takes long is measured once
    private const int Rounds = 3, FewestLaunches = 4, MostLaunches = 256;

    private KernelChoices? _choices;

    /// <summary>Whether kernels are picked by measurement: on a graphics card, unless GAN_TUNE=0 says no.</summary>
    public bool PicksByMeasurement => _settings.PicksKernels ?? Description.IsGpu;

    /// <summary>
    /// Whether the choice for a shape is known: where nothing is measured, it is the one to take otherwise. While kernels are timed earlier
    /// choices hold, and no new ones are made.
    /// </summary>
    /// <param name="shape">What is computed.</param>
    /// <param name="count">How many kernels there are.</param>
    /// <param name="otherwise">The one to take where nothing is measured.</param>
    /// <param name="choice">The kernel.</param>
    public bool HasPicked(KernelShape shape, int count, int otherwise, out int choice)
    {
        choice = otherwise;
        if (!PicksByMeasurement)
            return true;
        _choices ??= new KernelChoices(_settings.Cache, Description);
        if (!_choices.Find(shape, out int known) || known < 0 || known >= count)
            return IsRecording || _timings is not null;
        choice = known;
        return true;
    }

    /// <summary>
    /// Picks the fastest of several kernels for a shape, all of which give the same bits: each is launched for a millisecond or two. Later,
    /// in this process and others, the choice is known. One that the driver's compiler rejects is passed over.
    /// </summary>
    /// <param name="shape">What they compute.</param>
    /// <param name="among">Those to try; one alone is taken.</param>
    /// <param name="launch">Launches one, on operands that may be overwritten.</param>
    /// <exception cref="DeviceException">The driver's compiler rejects them all, or the device failed.</exception>
    public int Pick(KernelShape shape, ReadOnlySpan<int> among, Action<int> launch)
    {
        var (best, least) = (among[0], double.PositiveInfinity);
        int left = among.Length;
        foreach (int i in among)
        {
            try
            {
                double seconds = among.Length > 1 ? Measure(() => launch(i)) : 0;
                if (seconds < least)
                    (best, least) = (i, seconds);
            }
            catch (DeviceException fault) when (fault.RejectsKernel && --left > 0)
            {
                if (_settings.DebugLevel >= 1)
                    _settings.Log.WriteLine($"passed over: {fault.Message}");
            }
        }
        (_choices ??= new KernelChoices(_settings.Cache, Description)).Keep(shape, best);
        return best;
    }

    /// <summary>Returns the seconds of a launch: the least of some rounds, each of several launches, after one that compiles.</summary>
    private double Measure(Action launch)
    {
        launch();
        Synchronize();
        long from = Stopwatch.GetTimestamp();
        launch();
        Synchronize();
        double once = Stopwatch.GetElapsedTime(from).TotalSeconds, least = double.PositiveInfinity;
        if (once > LongSeconds)
            return once;
        int launches = (int)Math.Clamp(MeasuredSeconds / Math.Max(once, 1e-9), FewestLaunches, MostLaunches);
        for (int round = 0; round < Rounds; round++)
        {
            from = Stopwatch.GetTimestamp();
            for (int i = 0; i < launches; i++)
                launch();
            Synchronize();
            least = Math.Min(least, Stopwatch.GetElapsedTime(from).TotalSeconds / launches);
        }
        return least;
    }
}

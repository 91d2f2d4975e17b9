using System.Diagnostics;
using System.Globalization;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>The results of a benchmark of training steps.</summary>
internal sealed record StepTimes
{
    public required string Recipe { get; init; }

    public required int Batch { get; init; }

    public required int Steps { get; init; }

    /// <summary>The median of a step's seconds; the next two are the 10th and the 90th percentile.</summary>
    public required double Median { get; init; }

    public required double P10 { get; init; }

    public required double P90 { get; init; }

    /// <summary>The process's greatest resident memory so far, in MiB.</summary>
    public required double PeakMib { get; init; }

    /// <summary>Bytes of managed memory a timed step.</summary>
    public required double AllocatedBytesPerStep { get; init; }

    /// <summary>New bytes of device memory a timed step; 0 once the pool has settled.</summary>
    public required double RentedBytesPerStep { get; init; }

    /// <summary>Garbage collections within the timed steps.</summary>
    public required int Collections { get; init; }

    /// <summary>Kernels launched by a step; null on the processor.</summary>
    public required double? LaunchesPerStep { get; init; }

    /// <summary>Replays by a timed step, 1 or 0; null on the processor.</summary>
    public required double? ReplaysPerStep { get; init; }

    /// <summary>Why steps are not replayed where they could be; null if they are.</summary>
    public required string? ReplayRefusal { get; init; }

    /// <summary>Floating-point operations of one step's matrix products.</summary>
    public required long FlopsPerStep { get; init; }

    /// <summary>The processor's multiply-add peak in GFLOP/s, measured around the timed steps; null on other devices.</summary>
    public required double? PeakGflops { get; init; }

    /// <summary>Nanoseconds until one thread's write is read by another, measured around the timed steps; null with one thread.</summary>
    public required double? ThreadDistance { get; init; }

    /// <summary>Seconds of the step's matrix products alone at that peak.</summary>
    public double? Floor => FlopsPerStep / PeakGflops / 1e9;

    /// <summary>The median over the floor.</summary>
    public double? TimesFloor => Median / Floor;

    /// <summary>Real pictures a second.</summary>
    public double ImagesPerSecond => Batch / Median;

    /// <summary>GFLOP/s of matrix products.</summary>
    public double Gflops => FlopsPerStep / Median / 1e9;
}

/// <summary>Times training steps on synthetic pictures, one by one.</summary>
internal static class StepBenchmark
{
    // by then the JIT has replaced its first code, and the pool holds all blocks
    private const int WarmSteps = 20;
    private const double WarmSeconds = 0.6;
    private const int PeakSamples = 101;    // ten milliseconds
    private const int DistanceSamples = 21; // one millisecond
    private const int ColdSteps = 2;
    private const double EstimateSeconds = 1;

    /// <summary>Estimates the seconds of a training step, from a second or so of them; the first, which compile, don't count.</summary>
    public static double Estimate(Recipe recipe, Objective objective, Device device, PictureShape picture, int batch)
    {
        using var made = new SyntheticSteps(recipe, objective, device, picture, batch);
        var seconds = new List<double>();
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; seconds.Count == 0 || Stopwatch.GetElapsedTime(began).TotalSeconds < EstimateSeconds; i++)
        {
            long from = Stopwatch.GetTimestamp();
            made.Step(i);
            if (i >= ColdSteps)
                seconds.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
        }
        return Quantile([.. seconds.Order()], 0.5);
    }

    /// <summary>Warms up, then times.</summary>
    public static StepTimes Run(Recipe recipe, Device device, PictureShape picture, int batch, int steps)
    {
        using var made = new SyntheticSteps(recipe, recipe.Objective, device, picture, batch);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmSteps || Stopwatch.GetElapsedTime(began).TotalSeconds < WarmSeconds; i++)
            made.Step(i);

        var cpu = device as CpuDevice;
        double? peak = cpu is null ? null : MultiplyAddPeak.Gflops(cpu, PeakSamples);
        double? distance = cpu is null ? null : ThreadDistance.Nanoseconds(cpu, DistanceSamples);
        var seconds = new double[steps];
        long rented = device.AllocatedBytes, allocated = GC.GetTotalAllocatedBytes(precise: true);
        int collections = GC.CollectionCount(0);
        var accelerator = device as AcceleratorDevice;
        long flops = device.MatMulFlops;
        long? launches = accelerator?.Launches, replays = accelerator?.Replays;
        for (int i = 0; i < steps; i++)
        {
            long from = Stopwatch.GetTimestamp();
            made.Step(i);
            seconds[i] = Stopwatch.GetElapsedTime(from).TotalSeconds;
        }
        flops = device.MatMulFlops - flops;
        (launches, replays) = (accelerator?.Launches - launches, accelerator?.Replays - replays);
        collections = GC.CollectionCount(0) - collections;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        rented = device.AllocatedBytes - rented;

        if (cpu is not null)
        {
            peak = (peak + MultiplyAddPeak.Gflops(cpu, PeakSamples)) / 2;
            distance = (distance + ThreadDistance.Nanoseconds(cpu, DistanceSamples)) / 2;
        }
        Array.Sort(seconds);
        return new StepTimes
        {
            Recipe = recipe.Name,
            Batch = batch,
            Steps = steps,
            Median = Quantile(seconds, 0.5),
            P10 = Quantile(seconds, 0.1),
            P90 = Quantile(seconds, 0.9),
            PeakMib = PeakBytes() / (double)(1 << 20),
            AllocatedBytesPerStep = allocated / (double)steps,
            RentedBytesPerStep = rented / (double)steps,
            Collections = collections,
            PeakGflops = peak,
            ThreadDistance = distance,
            FlopsPerStep = flops / steps,
            LaunchesPerStep = launches / (double)steps,
            ReplaysPerStep = replays / (double)steps,
            ReplayRefusal = made.ReplayRefusal,
        };
    }

    /// <summary>Returns a quantile of sorted values, interpolated linearly.</summary>
    internal static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    private static long PeakBytes()
    {
        const string Status = "/proc/self/status", Peak = "VmHWM:";
        string[] lines = File.Exists(Status) ? File.ReadAllLines(Status) : [];
        if (lines.FirstOrDefault(line => line.StartsWith(Peak, StringComparison.Ordinal)) is { } line)
            return 1024 * long.Parse(line[Peak.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}

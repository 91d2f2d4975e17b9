using System.Diagnostics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Measures the latency between two threads of a device, from a write of one to its read by the other: some 40 ns on cores that share a
/// cache, 200 and more on others, where everything that both threads touch is slow. On a virtual machine it changes from minute to minute.
/// </summary>
public static unsafe class ThreadDistance
{
    private const int Trips = 100, CacheLine = 64;
    private const double MaxSeconds = 0.02; // of a sample: two threads on one core meet once in a time slice

    /// <summary>Returns the latency in nanoseconds, the median of some samples; null for a device of one thread.</summary>
    /// <param name="device">The device, of whose threads the first two are used.</param>
    /// <param name="samples">The number of samples, of 10 to 50 µs each.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static double? Nanoseconds(CpuDevice device, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (device.Threads < 2)
            return null;
        byte* memory = stackalloc byte[3 * CacheLine];
        var line = (long*)(((nint)memory + CacheLine - 1) & -CacheLine);
        var times = new double[samples];
        for (int i = 0; i < samples; i++)
        {
            double nanoseconds = 0;
            var job = new PingPong { Ball = line, Nanoseconds = &nanoseconds };
            *line = 0;
            device.Run(ref job, 2);
            times[i] = nanoseconds;
        }
        Array.Sort(times);
        return times[samples / 2];
    }

    /// <summary>
    /// The first thread writes odd numbers, and the second answers each with the next even one, until it reads a negative number.
    /// </summary>
    private struct PingPong : IJob
    {
        public long* Ball;
        public double* Nanoseconds;

        public readonly string Name => "ping-pong";

        public readonly void Run(int from, int to)
        {
            if (from > 0)
            {
                for (long last = 0; (last = After(last)) > 0;)
                    Volatile.Write(ref *Ball, ++last);
                return;
            }
            _ = There(0); // the other thread has come
            long began = Stopwatch.GetTimestamp(), trips = 1;
            while (trips <= Trips && Stopwatch.GetElapsedTime(began).TotalSeconds < MaxSeconds)
                trips = There(trips) / 2;
            *Nanoseconds = Stopwatch.GetElapsedTime(began).TotalNanoseconds / (2 * (trips - 1));
            Volatile.Write(ref *Ball, -1);
        }

        /// <summary>Makes a round trip, after a number of others.</summary>
        /// <returns>Twice the number of round trips made.</returns>
        private readonly long There(long trips)
        {
            Volatile.Write(ref *Ball, (2 * trips) + 1);
            return After((2 * trips) + 1);
        }

        private readonly long After(long last)
        {
            for (int looks = 1; ; looks++)
            {
                long now = Volatile.Read(ref *Ball);
                if (now != last)
                    return now;
                if ((looks & 0xffff) == 0)
                    Thread.Yield(); // the other may be waiting for this core
            }
        }
    }
}

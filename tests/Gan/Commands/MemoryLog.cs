using System.Globalization;

namespace GanFromScratch.Tests;

/// <summary>
/// What a process holds: the bytes of live objects and of anonymous memory, both after a full collection, and the open handles. It is
/// logged, five lines a second, inside the process, since only a collection tells what is held from what waits to be collected.
/// </summary>
/// <param name="Seconds">Seconds since the start.</param>
/// <param name="Live">Bytes of live objects.</param>
/// <param name="Anonymous">Bytes of memory that no file backs: objects, compiled code, what drivers and libraries hold.</param>
/// <param name="Handles">Open handles.</param>
internal sealed record MemoryLog(double Seconds, long Live, long Anonymous, int Handles)
{
    /// <summary>Names the file, for a process that has this assembly as its startup hook.</summary>
    public const string Variable = "GAN_TEST_MEMORY_LOG";

    private const int Interval = 200; // ms
    private const string Status = "/proc/self/status", Descriptors = "/proc/self/fd", AnonymousLine = "RssAnon:";

    /// <summary>Where the figures can be read.</summary>
    public static bool IsPossible => File.Exists(Status);

    /// <summary>Starts to write, on a thread of its own, until the process ends.</summary>
    public static void Start(string path)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        new Thread(() =>
        {
            while (true)
            {
                Thread.Sleep(Interval);
                var (seconds, live, anonymous, handles) = Take(since.Elapsed.TotalSeconds);
                File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{seconds:f1},{live},{anonymous},{handles}\n"));
            }
        })
        { IsBackground = true }.Start();
    }

    /// <summary>Reads the lines.</summary>
    public static MemoryLog[] Read(string path) =>
    [
        .. File.ReadLines(path).Select(line => line.Split(',')).Select(fields => new MemoryLog(
            double.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture))),
    ];

    private static MemoryLog Take(double seconds)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        string kilobytes = File.ReadLines(Status).First(line => line.StartsWith(AnonymousLine, StringComparison.Ordinal));
        return new MemoryLog(
            seconds,
            GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes,
            long.Parse(kilobytes[AnonymousLine.Length..^2], CultureInfo.InvariantCulture) << 10,
            Directory.EnumerateFileSystemEntries(Descriptors).Count());
    }
}

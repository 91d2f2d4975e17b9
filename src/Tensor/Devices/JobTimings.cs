using System.Diagnostics;

namespace GanFromScratch.Tensors;

/// <summary>How long the jobs of a processor took, and what passed between them, for GAN_DEBUG=2.</summary>
/// <param name="device">The device's name.</param>
/// <param name="log">Where it is told.</param>
internal sealed class JobTimings(string device, TextWriter log)
{
    private const int ColdRuns = 8; // the first ones of each kind, in which it was compiled, are not counted

    private readonly KernelTimings _timings = new(device, static _ => 0);
    private readonly Dictionary<string, int> _seen = [];
    private long _began, _ended;

    /// <summary>A job begins.</summary>
    public void Begin() => _began = Stopwatch.GetTimestamp();

    /// <summary>It has ended.</summary>
    public void End<TJob>(TJob job)
        where TJob : struct, IJob
    {
        long now = Stopwatch.GetTimestamp();
        string name = job.Name;
        if ((_seen[name] = _seen.GetValueOrDefault(name) + 1) > ColdRuns)
        {
            _timings.Add(name, Stopwatch.GetElapsedTime(_began, now).TotalMilliseconds);
            _timings.Add("(before a job: tape, checks, copies)", Stopwatch.GetElapsedTime(_ended, _began).TotalMilliseconds);
        }
        _ended = Stopwatch.GetTimestamp(); // the bookkeeping above is nobody's
    }

    /// <summary>Prints the table.</summary>
    public void Print() => _timings.Print(log);
}

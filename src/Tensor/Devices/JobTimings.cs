using System.Diagnostics;

namespace GanFromScratch.Tensors;

/// <summary>Times the processor's jobs, and the gaps between them, for GAN_DEBUG=2.</summary>
/// <param name="device">The device's name.</param>
/// <param name="log">Where the table is printed.</param>
internal sealed class JobTimings(string device, TextWriter log)
{
    private const int ColdRuns = 8; // the first ones of each kind, in which it was compiled, are not counted

    private readonly KernelTimings _timings = new(device, static _ => 0);
    private readonly Dictionary<string, int> _seen = [];
    private long _began, _ended;

    /// <summary>Notes a job's start.</summary>
    public void Begin() => _began = Stopwatch.GetTimestamp();

    /// <summary>Notes the job's end.</summary>
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

namespace GanFromScratch.Tensors;

/// <summary>The events before and after a run of a kernel.</summary>
internal readonly record struct RunEvents(nint From, nint To);

/// <summary>Adds up the times of each kernel on a device, for GAN_DEBUG=2.</summary>
/// <param name="device">The device's name.</param>
/// <param name="milliseconds">Returns the time between a run's events; waits for the run where it hasn't ended.</param>
internal sealed class KernelTimings(string device, Func<RunEvents, double> milliseconds)
{
    private const int MaxPending = 512;

    private readonly Dictionary<string, (int Runs, double Milliseconds)> _kernels = [];
    private readonly Queue<(string Name, RunEvents Marks)> _pending = new(MaxPending);

    /// <summary>Notes a run that was queued.</summary>
    public void Add(string name, RunEvents events)
    {
        _pending.Enqueue((name, events));
        if (_pending.Count == MaxPending)
            Settle(MaxPending / 2); // the newer half still runs while the older one is waited for
    }

    /// <summary>Notes a run's duration in milliseconds.</summary>
    public void Add(string name, double duration)
    {
        var (before, sum) = _kernels.GetValueOrDefault(name);
        _kernels[name] = (before + 1, sum + duration);
    }

    /// <summary>Prints the kernels, by their total time.</summary>
    public void Print(TextWriter log)
    {
        Settle(_pending.Count);
        double total = _kernels.Values.Sum(kernel => kernel.Milliseconds);
        int width = _kernels.Keys.Append("kernel").Max(name => name.Length);
        log.WriteLine($"{"kernel".PadRight(width)} {"runs",9} {"total ms",11} {"µs a run",10} {"share",7}   ({device})");
        foreach (var (name, (runs, sum)) in _kernels.OrderByDescending(kernel => kernel.Value.Milliseconds))
        {
            string numbers = $"{runs,9} {sum,11:0.000} {1e3 * sum / runs,10:0.00} {sum / total,7:0.0%}";
            log.WriteLine($"{name.PadRight(width)} {numbers}");
        }
    }

    private void Settle(int runs)
    {
        for (int i = 0; i < runs; i++)
        {
            var (name, events) = _pending.Dequeue();
            Add(name, milliseconds(events));
        }
    }
}

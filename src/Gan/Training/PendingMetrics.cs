using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// The metrics of steps that a device may still be computing. Read in order and some steps late, they never keep the device waiting; on the
/// processor they are read at once. Objects are recycled, so that a step allocates none.
/// </summary>
/// <param name="metrics">The scalars that a step reports.</param>
/// <param name="lag">How many later steps start before a step is read.</param>
public sealed class PendingMetrics(IReadOnlyList<Metric> metrics, int lag)
{
    private readonly Queue<(int Step, DeferredMetrics Metrics)> _pending = new(lag + 1);
    private readonly Stack<DeferredMetrics> _free = [];
    private readonly MetricValues _values = new(metrics);

    /// <summary>How many later steps start before a step is read.</summary>
    public int Lag => lag;

    /// <summary>Returns the lag that suits a device: some steps if it works asynchronously, else none.</summary>
    public static int LagOn(Device device) => device is AcceleratorDevice { IsImmediate: false } ? 4 : 0;

    /// <summary>Adds a step.</summary>
    /// <returns>Where the step reports to.</returns>
    public DeferredMetrics Add(int step)
    {
        var added = _free.TryPop(out var free) ? free : new DeferredMetrics(metrics);
        added.Clear();
        _pending.Enqueue((step, added));
        return added;
    }

    /// <summary>Reads the oldest step, unless it is among the newest that stay unread.</summary>
    /// <param name="unread">How many steps stay unread.</param>
    /// <param name="step">The step.</param>
    /// <param name="values">Its values, until the next call.</param>
    /// <returns>Whether one was read.</returns>
    public bool TryRead(int unread, out int step, out MetricValues values)
    {
        (step, values) = (0, _values);
        if (_pending.Count <= unread)
            return false;
        (step, var oldest) = _pending.Dequeue();
        oldest.Resolve(_values);
        _free.Push(oldest);
        return true;
    }
}

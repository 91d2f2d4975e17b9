using System.Runtime.ExceptionServices;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>Several sinks as one, in order.</summary>
/// <param name="sinks">The sinks.</param>
public sealed class RunSinks(IReadOnlyList<IRunSink> sinks) : IRunSink, IDisposable
{
    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        foreach (var sink in sinks)
            sink.Begin(from);
    }

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics)
    {
        for (int i = 0; i < sinks.Count; i++)
            sinks[i].Step(position, metrics);
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        foreach (var sink in sinks)
            sink.Epoch(report);
    }

    /// <inheritdoc/>
    public void Sampled(int epoch, ReadOnlySpan<float> pictures)
    {
        foreach (var sink in sinks)
            sink.Sampled(epoch, pictures);
    }

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot)
    {
        foreach (var sink in sinks)
            sink.State(step, snapshot);
    }

    /// <inheritdoc/>
    public void End(RunEnd end)
    {
        var faults = new List<GanException>();
        foreach (var sink in sinks)
        {
            try
            {
                sink.End(end);
            }
            catch (GanException fault) // the others still end
            {
                faults.Add(fault);
            }
        }
        if (faults is [var only])
            ExceptionDispatchInfo.Throw(only);
        if (faults is [var first, .. var others])
            throw new GanException(first.Code, first.Message, first) { Lines = [.. first.Lines, .. others.Select(other => other.Message)] };
    }

    /// <summary>Disposes the sinks that hold something.</summary>
    public void Dispose()
    {
        foreach (var sink in sinks.OfType<IDisposable>())
            sink.Dispose();
    }
}

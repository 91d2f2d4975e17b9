using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// Steps that are recorded once and replayed, on a device that can do so: one for each set of batches, by their shapes and places. The
/// first step with such batches runs as ever, the second is the rehearsal, the third is captured.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="step">Takes a step, which reports to the metrics and gathers what it reports.</param>
internal sealed class StepReplays(AcceleratorDevice device, StepReplays.TakeStep step) : IDisposable
{
    // Whole batches and an epoch's last, each in blocks that may change a time or two; a second rehearsal, should the first one be unlike.
    private const int MostKinds = 4, MostRehearsals = 2;

    private readonly List<Kind> _kinds = [];

    /// <summary>Takes a step.</summary>
    public delegate void TakeStep(ReadOnlySpan<Tensor> reals, DeferredMetrics metrics);

    /// <summary>Why steps are not replayed; null if they are, or may be.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Takes a step on these batches, by a replay where one is recorded.</summary>
    public void Run(ReadOnlySpan<Tensor> reals, DeferredMetrics metrics)
    {
        if (!device.CanReplay)
        {
            Refusal ??= "the device's memory was needed for other work";
            step(reals, metrics);
            return;
        }
        var kind = Find(reals);
        if (kind?.Work is not null || (kind is not null && Record(kind, reals.ToArray(), metrics)))
        {
            kind.Work!.Replay();
            metrics.ReadAs(kind.Metrics);
        }
        else if (kind?.RunsNow ?? true)
        {
            step(reals, metrics);
        }
    }

    /// <summary>Gives what was recorded back to the device.</summary>
    public void Dispose()
    {
        foreach (var kind in _kinds)
        {
            kind.Metrics?.Dispose();
            kind.Rehearsal?.Dispose();
            kind.Work?.Dispose();
        }
        _kinds.Clear();
    }

    /// <summary>Goes on with the recording of a kind of step.</summary>
    /// <returns>Whether it is complete; the step has been taken only where the kind doesn't say that it runs now.</returns>
    private bool Record(Kind kind, Tensor[] reals, DeferredMetrics metrics)
    {
        kind.RunsNow = true;
        if (!kind.HasRun)
        {
            kind.HasRun = true;
        }
        else if (kind.Rehearsal is { } rehearsal)
        {
            kind.Rehearsal = null;
            kind.Metrics = metrics.NewAlike();
            kind.Work = device.Capture(rehearsal, () => step(reals, kind.Metrics), out string? why);
            Refusal = why ?? Refusal;
            if (why is not null)
                kind.Metrics.Clear();
        }
        else if (kind.Rehearsals++ < MostRehearsals)
        {
            kind.Rehearsal = device.Rehearse(() => step(reals, metrics));
            kind.RunsNow = false;
        }
        return kind.Work is not null;
    }

    private Kind? Find(ReadOnlySpan<Tensor> reals)
    {
        foreach (var kind in _kinds)
        {
            if (kind.IsOf(reals))
                return kind;
        }
        if (_kinds.Count == MostKinds)
        {
            Refusal ??= "its batches are in other places each time";
            return null;
        }
        _kinds.Add(new Kind(reals));
        return _kinds[^1];
    }

    private sealed class Kind(ReadOnlySpan<Tensor> reals)
    {
        private readonly (Storage Storage, Shape Shape)[] _reals = [.. reals.ToArray().Select(real => (real.Storage, real.Shape))];

        /// <summary>Whether a step ran as ever, so that its kernels are compiled.</summary>
        public bool HasRun { get; set; }

        /// <summary>Whether a step that isn't replayed is still to be taken: not where it was the rehearsal.</summary>
        public bool RunsNow { get; set; }

        public int Rehearsals { get; set; }

        public Rehearsal? Rehearsal { get; set; }

        public CapturedWork? Work { get; set; }

        /// <summary>What a captured step reports.</summary>
        public DeferredMetrics Metrics { get; set; } = null!; // once there is work

        public bool IsOf(ReadOnlySpan<Tensor> reals)
        {
            if (reals.Length != _reals.Length)
                return false;
            for (int i = 0; i < reals.Length; i++)
            {
                if (reals[i].Storage != _reals[i].Storage || reals[i].Shape != _reals[i].Shape)
                    return false;
            }
            return true;
        }
    }
}

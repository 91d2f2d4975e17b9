using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// Steps that are recorded once and replayed, on a device that can do so: one for each set of batches, by their shapes and places. The
/// first step with such batches runs as ever, the second is the rehearsal, the third is captured.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="step">Takes a step, which reports to the metrics and gathers what it reports.</param>
internal sealed class StepReplays(AcceleratorDevice device, StepReplays.TakeStep step)
{
    private const int MostKinds = 4, MostAttempts = 3; // whole batches and an epoch's last, in blocks that may change a time or two

    private readonly List<Kind> _kinds = [];

    /// <summary>Takes a step.</summary>
    public delegate void TakeStep(ReadOnlySpan<Tensor> reals, DeferredMetrics metrics);

    /// <summary>Why steps are not replayed; null if they are, or may be.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Takes a step on these batches, by a replay where one is recorded.</summary>
    public void Run(ReadOnlySpan<Tensor> reals, DeferredMetrics metrics)
    {
        var kind = Find(reals);
        if (kind is null || kind.Attempts > MostAttempts)
        {
            step(reals, metrics);
            return;
        }
        if (kind.Work is { } recorded)
        {
            recorded.Replay();
            metrics.ReadAs(kind.Metrics);
            return;
        }
        var batches = reals.ToArray();
        if (kind.Rehearsal is not { } rehearsal)
        {
            if (kind.Attempts++ == 0)
                step(reals, metrics);
            else
                kind.Rehearsal = device.Rehearse(() => step(batches, metrics));
            return;
        }
        kind.Rehearsal = null;
        kind.Metrics = metrics.NewAlike();
        kind.Work = device.Capture(rehearsal, () => step(batches, kind.Metrics), out string? why);
        Refusal = why;
        if (kind.Work is null)
        {
            step(reals, metrics);
            return;
        }
        kind.Work.Replay();
        metrics.ReadAs(kind.Metrics);
    }

    private Kind? Find(ReadOnlySpan<Tensor> reals)
    {
        foreach (var kind in _kinds)
        {
            if (kind.IsOf(reals))
                return kind;
        }
        if (_kinds.Count == MostKinds)
            return null;
        _kinds.Add(new Kind(reals));
        return _kinds[^1];
    }

    private sealed class Kind(ReadOnlySpan<Tensor> reals)
    {
        private readonly (Storage Storage, Shape Shape)[] _reals = [.. reals.ToArray().Select(real => (real.Storage, real.Shape))];

        public int Attempts { get; set; }

        public Rehearsal? Rehearsal { get; set; }

        public CapturedWork? Work { get; set; }

        /// <summary>What a captured step reports.</summary>
        public DeferredMetrics Metrics { get; set; } = null!;

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

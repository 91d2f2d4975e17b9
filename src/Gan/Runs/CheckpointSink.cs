using GanFromScratch.Autograd;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `checkpoints/*.safetensors`: each is written in the background, then those that aren't kept are removed. It comes last of the sinks.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class CheckpointSink(RunFolder folder, Trainer trainer) : IRunSink, IDisposable
{
    private readonly CheckpointFolder _checkpoints = new(folder.Checkpoints);
    private (int Step, double EnergyDistance) _best = (0, double.PositiveInfinity);
    private double _energyDistance;
    private Snapshot? _snapshot;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is null)
            return;
        VisitBest(from);
        _checkpoints.Remove(steps => steps.Except(Kept(steps, trainer.Step, _best.Step)));
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => _energyDistance = report.Collapse.EnergyDistance;

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot)
    {
        if (IsScheduled(step) && _energyDistance < _best.EnergyDistance)
            _best = (step, _energyDistance);
        VisitBest(snapshot);
        GeneratorFile.Describe(snapshot.Texts, trainer.Recipe, trainer.Images.Shape, trainer.Model.Sampler, trainer.OwnClasses);
        snapshot.Texts[FixedSettings.CheckpointText] = FixedSettings.Of(trainer).ToText();
        int best = _best.Step;
        _snapshot = snapshot;
        snapshot.Writing.Start(() =>
        {
            foreach (var write in snapshot.Prerequisites)
                write();
            Checkpoint.Write(_checkpoints.PathOf(step), snapshot);
            _checkpoints.Remove(steps => steps.Except(Kept(steps, step, best)));
        });
    }

    /// <inheritdoc/>
    public void End(RunEnd end)
    {
        if (end != RunEnd.Failed)
            _snapshot?.Writing.Wait();
    }

    /// <summary>Waits until the last checkpoint is written.</summary>
    public void Dispose() => _snapshot?.Writing.WaitQuietly();

    // the best checkpoint so far, of those that every run under these settings has
    private void VisitBest(IStateVisitor visitor) =>
        _best = ((int)visitor.VisitInt64("best.step", _best.Step), visitor.VisitDouble("best.energy_distance", _best.EnergyDistance));

    /// <summary>
    /// Picks the checkpoints that stay: the best and the newest of those that every run under these settings has, and the one just written.
    /// Others go: those of interruptions and of a shorter run's end, and newer ones than a run resumed from.
    /// </summary>
    private IEnumerable<int> Kept(int[] steps, int written, int best) => steps
        .Where(step => step == written || (step < written && IsScheduled(step)))
        .OrderDescending().Take(trainer.Request.Keep).Append(best);

    // whether every run under these settings has a checkpoint of this step, whatever its length
    private bool IsScheduled(int step) =>
        step % trainer.StepsPerEpoch == 0 && step / trainer.StepsPerEpoch % trainer.CheckpointEvery == 0;
}

using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>Warnings on the screen: each diagnosis once, when it is first made.</summary>
/// <param name="screen">The screen.</param>
/// <param name="trainer">The run.</param>
internal sealed class DiagnosisSink(Screen screen, Trainer trainer) : IRunSink
{
    private IReadOnlyList<Diagnosis> _known = [];

    /// <inheritdoc/>
    public void Begin(Checkpoint? from) => _known = trainer.Diagnoses;

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        foreach (var diagnosis in report.Collapse.Diagnoses.Except(_known))
        {
            string what = CollapseDetector.Describe(diagnosis, report.Mean, report.Collapse);
            screen.Warn($"after epoch {report.Epoch} {what} {Advice.Against(diagnosis, trainer)}");
        }
        _known = report.Collapse.Diagnoses;
    }
}

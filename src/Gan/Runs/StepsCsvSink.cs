using System.Globalization;
using System.Text;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `steps.csv`: losses and accuracies of single steps. Lines are written a few times a second; what a kill takes is written again when the
/// run is resumed.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class StepsCsvSink(RunFolder folder, Trainer trainer) : IRunSink
{
    private readonly StepRhythm _rhythm = new(trainer.StepsPerEpoch);
    private readonly StringBuilder _rows = new();
    private AppendLog? _log;

    /// <summary>What single steps show.</summary>
    public static IReadOnlyList<Metric> Shown { get; } =
        [Metric.DiscriminatorLoss, Metric.GeneratorLoss, Metric.AccuracyOnReal, Metric.AccuracyOnFake];

    /// <summary>The first line.</summary>
    public static string Header { get; } = $"step,{string.Join(',', Shown.Select(metric => metric.Name))}\n";

    /// <inheritdoc/>
    public void Begin(Checkpoint? from) => _log = from is null
        ? new AppendLog(folder.Steps, Header)
        : AppendLog.ResumeWhile(folder.Steps, Header, line => line == Header.TrimEnd() || StepOf(line) <= trainer.Step);

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics)
    {
        if (!_rhythm.Has(position.Step))
            return;
        _rows.Append(position.Step);
        foreach (var metric in Shown)
            _rows.Append(CultureInfo.InvariantCulture, $",{(float)metrics[metric]}");
        _rows.Append('\n');
        if (_rhythm.IsTimeToWrite())
            Write();
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => Write();

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot)
    {
        Write();
        snapshot.Prerequisites.Add(_log!.Flush);
    }

    /// <inheritdoc/>
    public void End(RunEnd end) => Write();

    private static int? StepOf(string line) =>
        int.TryParse(line.Split(',')[0], CultureInfo.InvariantCulture, out int step) ? step : null;

    private void Write()
    {
        if (_rows.Length > 0)
            _log!.Append(_rows.ToString(0, _rows.Length - 1));
        _rows.Clear();
    }
}

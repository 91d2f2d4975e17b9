using System.Text.Json;
using System.Text.Json.Nodes;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`scores.jsonl`: after each epoch, how D's outputs on real pictures and on generated ones are distributed.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class ScoresSink(RunFolder folder, Trainer trainer) : IRunSink
{
    private AppendLog? _log;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from) => _log = from is null
        ? new AppendLog(folder.Scores, "")
        : AppendLog.ResumeWhile(folder.Scores, "", line => EpochOf(line) <= trainer.Epochs);

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => _log!.Append(JsonText.Of(json => Write(json, report)));

    /// <inheritdoc/>
    public void State(int step, Snapshot snapshot) => snapshot.Prerequisites.Add(_log!.Flush);

    // null for a line that a power cut tore
    private static int? EpochOf(string line) =>
        JsonText.ObjectOf(line)?["epoch"] is JsonValue value && value.TryGetValue(out int epoch) ? epoch : null;

    private static void Write(Utf8JsonWriter json, EpochReport report)
    {
        var (real, fake) = (report.Collapse.ScoresOfReal, report.Collapse.ScoresOfFake);
        var bins = Histogram.Over([.. real, .. fake]);
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("step", report.Step);
        json.WriteOptional("low", (double)bins.Low);
        json.WriteOptional("high", (double)bins.High);
        WriteCounts("real", real);
        WriteCounts("fake", fake);

        void WriteCounts(string name, IReadOnlyList<float> scores)
        {
            json.WriteStartArray(name);
            foreach (int count in bins.Count(scores))
                json.WriteNumberValue(count);
            json.WriteEndArray();
        }
    }
}

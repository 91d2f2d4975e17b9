using System.Buffers.Binary;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `events.out.tfevents.*`, for TensorBoard: the losses of steps and the numbers of epochs as scalars, grids as images, D's outputs as
/// histograms, the settings as text. Each start of a run writes a file of its own, named after the steps taken before.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
internal sealed class TensorBoardSink(RunFolder folder, Trainer trainer) : IRunSink
{
    private readonly StepRhythm _rhythm = new(trainer.StepsPerEpoch);
    private EventFile? _file;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        RunFolder.RemoveEvents(folder.Name, after: trainer.Step);
        _file = new EventFile(folder.EventsFrom(trainer.Step), trainer.Step);
        string settings = Encoding.UTF8.GetString(Read(Path.Combine(folder.Name, SettingsFile.Name)));
        _file.Add(trainer.Step, [Text("settings", "    " + settings.TrimEnd().Replace("\n", "\n    ", StringComparison.Ordinal))]);
        _file.Write();
    }

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics)
    {
        if (!_rhythm.Has(position.Step))
            return;
        _file!.Add(position.Step, StepsCsvSink.Shown.Select(metric => Scalar($"step/{metric.Name}", metrics[metric])));
        if (_rhythm.IsTimeToWrite())
            _file.Write();
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        var collapse = report.Collapse;
        List<ProtoMessage> values = [.. MetricsJsonlSink.Numbers(trainer, report)
            .Where(number => double.IsFinite(number.Value))
            .Select(number => Scalar($"epoch/{number.Name}", number.Value))];
        if (collapse.ScoresOfReal.Count > 0)
            values.AddRange([Distribution("scores/real", collapse.ScoresOfReal), Distribution("scores/fake", collapse.ScoresOfFake)]);
        _file!.Add(report.Step, values);
        _file.Write();
    }

    /// <summary>Adds the grid, which another sink has just written.</summary>
    public void Sampled(int epoch, ReadOnlySpan<float> pictures)
    {
        _file!.Add(trainer.Step, [Picture("samples", Read(Path.Combine(folder.Name, RunFolder.Sample(epoch))))]);
        _file.Write();
    }

    /// <inheritdoc/>
    public void End(RunEnd end) => _file?.Write();

    private static ProtoMessage Scalar(string tag, double value) => new ProtoMessage().Add(1, tag).Add(2, (float)value);

    private static ProtoMessage Picture(string tag, byte[] png)
    {
        const int SizeAt = 16, Grey = 1, Colour = 3, ColourKindAt = 25; // in a PNG's head
        int width = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(SizeAt));
        int height = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(SizeAt + sizeof(int)));
        var image = new ProtoMessage().Add(1, height).Add(2, width).Add(3, png[ColourKindAt] == 0 ? Grey : Colour).Add(4, png);
        return new ProtoMessage().Add(1, tag).Add(4, image);
    }

    private static ProtoMessage Distribution(string tag, IReadOnlyList<float> values)
    {
        var bins = Histogram.Over(values);
        double[] edges = [.. Enumerable.Range(0, Histogram.Bins).Select(bins.Edge)];
        double[] counts = [.. bins.Count(values).Select(count => (double)count)];
        var histogram = new ProtoMessage().Add(1, (double)values.Min()).Add(2, (double)values.Max()).Add(3, (double)values.Count)
            .Add(4, values.Sum(value => (double)value)).Add(5, values.Sum(value => (double)value * value)).Add(6, edges).Add(7, counts);
        return new ProtoMessage().Add(1, tag).Add(5, histogram);
    }

    private static ProtoMessage Text(string tag, string text)
    {
        const int OfTexts = 7, IsTensor = 2;
        var plugin = new ProtoMessage().Add(1, new ProtoMessage().Add(1, "text")).Add(4, IsTensor);
        var shape = new ProtoMessage().Add(2, new ProtoMessage().Add(1, 1));
        return new ProtoMessage().Add(1, tag).Add(8, new ProtoMessage().Add(1, OfTexts).Add(2, shape).Add(8, Encoding.UTF8.GetBytes(text)))
            .Add(9, plugin);
    }

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            throw FileFault.Unreadable(file, fault);
        }
    }
}

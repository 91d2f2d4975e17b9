using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// A whole run on a device that works behind the caller: its losses come some steps late, and are the processor's, each under its own
/// step; so are the reports of the epochs and the samples.
/// </summary>
[TestFixture]
internal sealed class TrainerOnEnginesTests
{
    private const int Images = 27, Steps = 17; // five steps an epoch: three epochs and a part of one

    [Test]
    public void LateReportsAreTheProcessors([Values("opencl", "cuda")] string name)
    {
        var want = Train(Engine.Cpu, out int noLag);
        var got = Train(Engine.All.Single(engine => engine.Name == name), out int lag);
        Assert.That((noLag, lag), Is.EqualTo((0, 4)), "steps that begin before one is read");
        Assert.That(got.Positions, Is.EqualTo(want.Positions));
        Assert.That(got.Positions.Select(position => position.Step), Is.EqualTo(Enumerable.Range(1, Steps)));
        Assert.That(got.Reports.Select(report => (report.Epoch, report.Step)), Is.EqualTo(new[] { (1, 5), (2, 10), (3, 15), (4, 17) }));
        Assert.That(got.Sampled, Is.EqualTo(want.Sampled));

        Assert.That(got.Numbers(), Is.EqualTo(want.Numbers()));
        Assert.That(
            want.Losses.Select(loss => loss[Metric.GeneratorLoss]).Distinct().Count(), Is.EqualTo(Steps),
            "a loss that was reported for another step is seen");
    }

    private static Heard Train(Engine engine, out int lag)
    {
        byte[] pixels = [.. GoldenInputs.Uniform("pictures", Images * 16, 0, 256).Select(v => (byte)v)];
        var request = new RunRequest { Batch = 6, Seed = 3, Steps = Steps, Samples = 6 };
        var images = new ImageSet("hashes", "here", Images, new PictureShape(4, 4, 1), pixels, null);
        using var trainer = new Trainer(new SmallOdog(), request, images, engine.Device);
        lag = trainer.Lag;
        var heard = new Heard();
        Assert.That(trainer.Run(heard, CancellationToken.None), Is.True);
        return heard;
    }

    /// <summary>All that a run says.</summary>
    private sealed class Heard : IRunSink
    {
        public List<TrainingPosition> Positions { get; } = [];

        public List<MetricValues> Losses { get; } = [];

        public List<EpochReport> Reports { get; } = [];

        public List<int> Sampled { get; } = [];

        private List<float> Pixels { get; } = [];

        public IEnumerable<double> Numbers() =>
            Losses.Concat(Reports.Select(report => report.Mean)).Concat(Reports.Select(report => report.Log))
                .SelectMany(metrics => metrics.Values)
                .Concat(Pixels.Select(pixel => (double)pixel));

        public void Step(TrainingPosition position, MetricValues metrics)
        {
            Positions.Add(position);
            Losses.Add(metrics.Mean(1));
        }

        public void Epoch(EpochReport report) => Reports.Add(report);

        void IRunSink.Sampled(int epoch, ReadOnlySpan<float> pictures)
        {
            Sampled.Add(epoch);
            Pixels.AddRange(pictures);
        }

        // weights and moments are to be the same, too
        public void State(int step, Snapshot snapshot) => Pixels.AddRange(snapshot.Tensors.SelectMany(tensor => tensor.Data.ToArray()));
    }
}

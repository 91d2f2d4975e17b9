using System.Runtime.InteropServices;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// When the trainer reads its steps' results: at once on the processor, some steps later on a device that lags, and always all.
/// </summary>
[TestFixture]
internal sealed class TrainerTests
{
    private const int StepsPerEpoch = 7, Steps = 17; // two epochs and a part of one

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    [TestCase(100)]
    public void ResultsComeInOrderLateAndCompletely(int lag)
    {
        var run = new Run(lag);
        Assert.That(run.ToTheEnd(), Is.True);
        Assert.That(run.Heard.Select(heard => heard.Position.Step), Is.EqualTo(Enumerable.Range(1, Steps)));
        foreach (var (position, result, begun) in run.Heard)
        {
            int step = position.Step, epoch = (step - 1) / StepsPerEpoch;
            Assert.That(position, Is.EqualTo(new TrainingPosition(epoch + 1, step - (epoch * StepsPerEpoch), StepsPerEpoch, step, Steps)));
            int epochsEnd = Math.Min((epoch + 1) * StepsPerEpoch, Steps);
            Assert.That(begun, Is.EqualTo(Math.Min(step + lag, epochsEnd)), $"steps begun before {step} was read");
            Assert.That((result[Metric.DiscriminatorLoss], result[Metric.GeneratorLoss]), Is.EqualTo((step + 0.5, -step)));
            Assert.That((result[Metric.AccuracyOnReal], result[Metric.AccuracyOnFake]), Is.EqualTo((step, 1.0 - step)));
            Assert.That(result[Metric.DiscriminatorGradientNorm], Is.EqualTo(step == epochsEnd ? 5 * step : 0));
        }
        Assert.That(run.Device.Unread, Is.Zero);
    }

    [Test]
    public void ReportsAreTheSameHoweverLate()
    {
        Run atOnce = new(lag: 0), late = new(lag: 4);
        atOnce.ToTheEnd();
        late.ToTheEnd();
        Assert.That(atOnce.Reports.Select(report => report.Step), Is.EqualTo(new[] { 7, 14, 17 }));
        Assert.That(atOnce.Reports[1].Mean[Metric.GeneratorLoss], Is.EqualTo(-11), "steps 8 to 14");
        Assert.That(atOnce.Reports[1].Log[Metric.GeneratorLoss], Is.EqualTo(-14), "the epoch's last step");
        Assert.That(late.Reports.Select(Timeless), Is.EqualTo(atOnce.Reports.Select(Timeless)));
        Assert.That(late.Checkpoints, Is.EqualTo(new[] { 7, 14, 17 }));
    }

    [TestCase(0, 9, 9)]
    [TestCase(4, 9, 13)]
    [TestCase(4, 11, 14)]
    [TestCase(4, 14, 14)]
    public void AnInterruptionLosesNoStep(int lag, int heard, int ended)
    {
        var run = new Run(lag) { StopsAfterHearing = heard };
        Assert.That(run.ToTheEnd(), Is.False);
        Assert.That(run.Recipe.Begun, Is.EqualTo(ended), "steps taken");
        Assert.That(run.Heard.Select(heard => heard.Position.Step), Is.EqualTo(Enumerable.Range(1, ended)));
        Assert.That(run.Reports[^1].Step, Is.EqualTo(ended));
        Assert.That(run.Reports[^1].Mean[Metric.GeneratorLoss], Is.EqualTo(-(8 + ended) / 2.0), "from step 8 on");
        Assert.That(run.Device.Unread, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(4)]
    public void ALossThatIsNoNumberNamesItsOwnStep(int lag)
    {
        var run = new Run(lag) { NotANumberAt = 9 };
        var fault = Assert.Throws<GanException>(() => run.ToTheEnd())!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Diverged));
        Assert.That(fault.Message, Does.Contain("D's loss").And.Contain("at step 9 (epoch 2)"));
        Assert.That(run.Heard.Select(heard => heard.Position.Step), Is.EqualTo(Enumerable.Range(1, 8)));
        Assert.That(run.Recipe.Begun, Is.EqualTo(9 + lag), "steps taken by then");
    }

    [Test]
    public void ANumberOfTwoRefusesAThird()
    {
        using var device = new CpuDevice(1);
        using var three = Tensor.Filled(device, new Shape(1), 3);
        var x = DeferredMetric.Of(three);
        var sum = 1 - (0.5 * (x + (2 * x)));
        Assert.That(sum.Value, Is.EqualTo(-3.5));
        Assert.That(() => 2 * DeferredMetric.NormOf([]), Throws.InvalidOperationException.With.Message.Contains("norm"));
        Assert.That(() => sum + x, Throws.InvalidOperationException.With.Message.Contains("more than two"));
    }

    private static string Timeless(EpochReport report) =>
        $"{report with { Seconds = 0, ImagesPerSecond = 0, Collapse = report.Collapse with { Diagnoses = [] } }}";

    /// <summary>A run whose networks are on the processor, and whose results on a device that lags.</summary>
    private sealed class Run(int lag) : IRunSink
    {
        private readonly CancellationTokenSource _stop = new();

        public LaggingDevice Device { get; } = new();

        public CountingRecipe Recipe { get; private set; } = null!;

        public List<(TrainingPosition Position, MetricValues Result, int Begun)> Heard { get; } = [];

        public List<EpochReport> Reports { get; } = [];

        public List<int> Checkpoints { get; } = [];

        public int StopsAfterHearing { get; init; }

        public int NotANumberAt { get; init; }

        public bool ToTheEnd()
        {
            Recipe = new CountingRecipe(Device, NotANumberAt);
            var request = new RunRequest { Batch = 1, Steps = Steps, Samples = 1, SampleEvery = 1, CheckpointEvery = 1 };
            var images = new ImageSet("dots", "here", StepsPerEpoch, new PictureShape(1, 1, 1), new byte[StepsPerEpoch], null);
            using var cpu = new CpuDevice(1);
            using var trainer = new Trainer(Recipe, request, images, cpu, lag);
            return trainer.Run(this, _stop.Token);
        }

        public void Step(TrainingPosition position, MetricValues metrics)
        {
            Heard.Add((position, metrics.Mean(1), Recipe.Begun));
            if (position.Step == StopsAfterHearing)
                _stop.Cancel();
        }

        public void Epoch(EpochReport report) => Reports.Add(report);

        public void State(int step, Snapshot snapshot) => Checkpoints.Add(step);
    }

    /// <summary>Trains nothing: the losses of step n are n + 0.5 and -n, read late.</summary>
    private sealed class CountingRecipe(LaggingDevice device, int notANumberAt) : Recipe
    {
        public int Begun { get; private set; }

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new(make.Linear(NoiseSize, picture.Length));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(make.Linear(picture.Length, 1));

        public override void Step(StepContext step)
        {
            Begun++;
            var metrics = step.Metrics;
            metrics[Metric.DiscriminatorLoss] = (0.5 * Late(Begun == notANumberAt ? float.NaN : Begun)) + (0.5 * Late(Begun + 1));
            metrics[Metric.GeneratorLoss] = -1 * Late(Begun);
            metrics[Metric.AccuracyOnReal] = Late(Begun);
            metrics[Metric.AccuracyOnFake] = 1 - Late(Begun);
            if (step.MeasuresNorms)
                metrics[Metric.DiscriminatorGradientNorm] = DeferredMetric.NormOf([Squared(3 * Begun), Squared(4 * Begun)]);
        }

        public override MetricValues Log(MetricValues mean, MetricValues last, GanModel model, Tensor real, INoiseSource noise) => last;

        private DeferredMetric Late(float value)
        {
            using var tensor = Tensor.Filled(device, new Shape(1), value);
            return DeferredMetric.Of(tensor);
        }

        private DeferredScalar Squared(float value)
        {
            using var tensor = Tensor.Filled(device, new Shape(1), value * value);
            return tensor.ReadDeferred();
        }
    }

    /// <summary>Hands every number out once, to whoever comes with its ticket.</summary>
    private sealed unsafe class LaggingDevice : Device
    {
        private readonly List<nint> _blocks = [];
        private readonly Dictionary<long, float> _asked = [];
        private long _tickets;

        public override string Name => "lagging";

        public int Unread => _asked.Count;

        public override void Synchronize()
        {
        }

        protected override void Release() => _blocks.ForEach(block => NativeMemory.AlignedFree((void*)block));

        protected override Storage Allocate(int capacity)
        {
            _blocks.Add((nint)NativeMemory.AlignedAlloc((nuint)capacity * sizeof(float), 64));
            return new HostStorage(this, capacity, (float*)_blocks[^1]);
        }

        protected internal override void Upload(ReadOnlySpan<float> from, Storage to) => from.CopyTo(Numbers(to, from.Length));

        protected internal override void Download(Storage from, Span<float> to) => Numbers(from, to.Length).CopyTo(to);

        protected internal override void Fill(Storage storage, int count, float value) => Numbers(storage, count).Fill(value);

        private static Span<float> Numbers(Storage storage, int count) => new(((HostStorage)storage).Pointer, count);

        protected internal override void ReadDeferred(Storage from, Span<DeferredScalar> to)
        {
            var values = new float[to.Length];
            Download(from, values);
            for (int i = 0; i < to.Length; i++)
            {
                _asked.Add(++_tickets, values[i]);
                to[i] = new DeferredScalar(this, _tickets);
            }
        }

        protected internal override float Await(long ticket) => _asked.Remove(ticket, out float value)
            ? value
            : throw new InvalidOperationException($"ticket {ticket} was read twice");
    }
}

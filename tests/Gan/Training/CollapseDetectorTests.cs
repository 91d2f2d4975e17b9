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

/// <summary>What the watch says of runs that were made to go wrong, and of runs that do well.</summary>
[TestFixture]
internal sealed class CollapseDetectorTests
{
    private static readonly ImageSet Pictures = Digits.Draw(3200);
    private readonly Dictionary<Diagnosis, string> _advice = [];

    [TestCase("odog")]
    [ExhaustiveCase("stable")]
    [ExhaustiveCase("lornatang")]
    public void HealthyRunsAreLeftAlone(string recipe)
    {
        var reports = Train(RecipeBook.BuiltIn.Find(recipe), batch: 32, epochs: 6);
        Assert.That(reports.SelectMany(report => report.Collapse.Diagnoses), Is.Empty);
        Assert.That(reports[^1].Collapse.Variety, Is.InRange(0.4, 1.3));
        Assert.That(reports[^1].Collapse.EnergyDistance, Is.InRange(0, reports[0].Collapse.EnergyDistance));
    }

    [Test]
    public void ADFarTooStrongHasWon()
    {
        var reports = Train(new Odog2(generatorRate: 1e-7f, discriminatorRate: 1e-3f), batch: 32, epochs: 5);
        AssertTrouble(reports, Diagnosis.DiscriminatorWon, "D has won", "--label-smoothing", from: 2, to: 4);
    }

    [Test]
    public void AGThatMakesOnePictureHasCollapsed()
    {
        var reports = Train(new OnePicture(), batch: 32, epochs: 4);
        AssertTrouble(reports, Diagnosis.GeneratorCollapsed, "G has collapsed", "--pack 2", from: 2, to: 3);
        Assert.That(reports[^1].Collapse.Variety, Is.LessThan(0.002));
    }

    [Test]
    public void ADWhoseReLusNeverFireIsDead()
    {
        var reports = Train(new DeadD(), batch: 32, epochs: 3);
        AssertTrouble(
            reports, Diagnosis.DiscriminatorDead, "D is dead: its gradient is exactly zero and 100 % of its ReLUs never fire",
            "--learning-rate", from: 2, to: 2);
        Assert.That(reports[^1].Collapse.DeadUnitsOfD, Is.EqualTo(1));
    }

    [Test]
    public void ADThatCallsEverythingRealHasGivenUp()
    {
        var reports = Train(new Odog2(generatorRate: 2e-4f, discriminatorRate: 1e-12f, bias: 5f), batch: 32, epochs: 4);
        AssertTrouble(
            reports, Diagnosis.DiscriminatorGaveUp, "D has given up",
            "--d-steps", from: 2, to: 3);
    }

    [Test]
    public void CollapseEndsTrainingWhereItIsAskedTo()
    {
        var fault = Assert.Throws<GanException>(() => Train(new OnePicture(), batch: 32, epochs: 6, abort: true))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Diverged));
        Assert.That(
            fault.Message, Does.StartWith("Stopped after epoch ").And.Contain("--abort-on collapse").And.Contain("G has collapsed"));
    }

    [Test]
    public void DistancesAreThoseOfANaiveLoop()
    {
        using var device = new CpuDevice(2);
        float[][] rows = [[0, 0, 0], [3, 4, 0], [0, 0, 1]], others = [[0, 0, 0], [6, 8, 0]];
        using Tensor x = Tensor.From(device, new Shape(3, 3), [.. rows.SelectMany(row => row)]),
            y = Tensor.From(device, new Shape(2, 3), [.. others.SelectMany(row => row)]);
        var distances = new PairwiseDistances(x);
        double root = Math.Sqrt(26);
        Assert.That(distances.Mean, Is.EqualTo((5 + 1 + root) / 3).Within(1e-6));
        Assert.That(distances.MeanToNearest, Is.EqualTo((1 + 5 + 1) / 3.0).Within(1e-6));
        Assert.That(PairwiseDistances.MeanAcross(x, y), Is.EqualTo((0 + 10 + 5 + 5 + 1 + Math.Sqrt(101)) / 6).Within(1e-6));
    }

    private void AssertTrouble(List<EpochReport> reports, Diagnosis diagnosis, string says, string remedy, int from, int to)
    {
        int first = reports.FindIndex(report => report.Collapse.Diagnoses.Contains(diagnosis)) + 1;
        Assert.That(
            first, Is.InRange(from, to),
            $"the epoch in which it was first said; {string.Join("; ", reports.Select(report => $"{report.Mean} {report.Collapse}"))}");
        Assert.That(reports[^1].Collapse.Diagnoses, Does.Contain(diagnosis));
        Assert.That(CollapseDetector.Describe(diagnosis, reports[^1].Mean, reports[^1].Collapse), Does.Contain(says));
        Assert.That(_advice[diagnosis], Does.Contain(remedy));
    }

    private List<EpochReport> Train(Recipe recipe, int batch, int epochs, bool abort = false)
    {
        using var device = new CpuDevice(2);
        var request = new RunRequest
        {
            Batch = batch,
            Seed = 1,
            Epochs = epochs,
            Samples = 4,
            SampleEvery = 1000,
            AbortOn = abort ? Abortion.Collapse : Abortion.Nothing,
        };
        using var trainer = new Trainer(recipe, request, Pictures, device);
        var heard = new Reports();
        trainer.Run(heard, CancellationToken.None);
        foreach (var diagnosis in trainer.Diagnoses)
            _advice[diagnosis] = Advice.Against(diagnosis, trainer);
        return heard.All;
    }

    /// <summary>odog with rates that can't go together, and perhaps a last bias of D to begin with.</summary>
    private sealed class Odog2 : Odog
    {
        private readonly float _bias;

        public Odog2(float generatorRate, float discriminatorRate, float bias = 0)
        {
            _bias = bias;
            GeneratorAdam = GeneratorAdam with { LearningRate = generatorRate };
            DiscriminatorAdam = DiscriminatorAdam with { LearningRate = discriminatorRate };
        }

        public override Sequential Discriminator(LayerFactory make, PictureShape picture)
        {
            var network = base.Discriminator(make, picture);
            network.Parameters[^1].Value.CopyFrom([_bias]);
            return network;
        }
    }

    /// <summary>Small networks of ReLUs, and sdl's step.</summary>
    private abstract class Simple : Recipe
    {
        protected Simple()
        {
            NoiseSize = 16;
            BatchRule = BatchRule.WholeBatches;
            SampleGrid = (2, 2);
            LogColumns = [];
        }

        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(NoiseSize, 64, default(Relu)), make.Linear(64, picture.Length, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(picture.Length, 64, default(Relu)), make.Linear(64, 1));

        public override void Step(StepContext step)
        {
            using var z = step.Noise.Draw("z", step.Real.Shape.Rows);
            GanSteps.Alternating(step, z, z, Pass.Inference, Pass.Inference);
        }
    }

    /// <summary>G sees nothing of the noise.</summary>
    private sealed class OnePicture : Simple
    {
        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new([new Blind(), .. base.Generator(make, picture).Layers]);

        private sealed class Blind : Module
        {
            public override IReadOnlyList<LayerSpec> Specs => [new("Blind")];

            public override Var Forward(Var x, Pass pass) => x.Scale(0f).Offset(1f);
        }
    }

    /// <summary>D's ReLUs begin where they never fire. Its last bias is 0, where reals and fakes pull alike.</summary>
    private sealed class DeadD : Simple
    {
        public override Sequential Discriminator(LayerFactory make, PictureShape picture)
        {
            var network = base.Discriminator(make, picture);
            var bias = network.Parameters[1].Value;
            bias.CopyFrom([.. Enumerable.Repeat(-1000f, bias.Count)]);
            return network;
        }
    }

    private sealed class Reports : IRunSink
    {
        public List<EpochReport> All { get; } = [];

        public void Epoch(EpochReport report) => All.Add(report);
    }
}

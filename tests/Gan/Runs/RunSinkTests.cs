using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What the sinks leave of a run that is cut off, and what a run hands to a sink of one's own.</summary>
[TestFixture]
[Quick]
internal sealed class RunSinkTests
{
    private static readonly RunRequest Request =
        new() { Batch = 6, Seed = 3, Epochs = 3, Samples = 6, SampleEvery = 1, CheckpointEvery = 1 };
    private static readonly ImageSet Images = Digits.Draw(24, 2);

    /// <summary>After an epoch they hold the newest curves and weights, though the run never comes to its end.</summary>
    [Test]
    public void CurvesAndGeneratorAreWrittenAfterEveryEpoch()
    {
        using var folder = new TestFolder();
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new SmallOdog(), Request, Images, device);
        var run = RunFolder.Create(Path.Combine(folder.Path, "run"), "odog", "digits");
        var screen = new PlainScreen();
        using (var sinks = new RunSinks(
            [new GeneratorSink(run, trainer, screen), new CurveSink(run, trainer, screen), new CutOff(afterEpoch: 2)]))
        {
            sinks.Begin(null);
            Assert.That(() => trainer.Run(sinks, CancellationToken.None), Throws.InstanceOf<PowerCut>());
        }
        Assert.That(File.ReadAllText(run.Curves), Does.Contain("<polyline"));
        var generator = Gan.Files.SafetensorsFile.Read(run.Generator);
        Assert.That(generator.Text("step"), Is.EqualTo($"{2 * trainer.StepsPerEpoch}"));
        var weight = trainer.Model.Generator.Parameters[0].Value;
        float[] expected = weight.ToArray(), written = generator.Values("fc1.weight", weight.Shape[1], weight.Shape[0]).ToArray();
        Assert.That(written[1], Is.EqualTo(expected[weight.Shape[1]]), "transposed");
        Assert.That(written.Order(), Is.EqualTo(expected.Order()));
    }

    /// <summary>A file that can be written anew may fail once: a later epoch writes it, and only the last write has to succeed.</summary>
    [Test]
    public void AFailedWriteIsAWarningUntilTheEnd()
    {
        using var folder = new TestFolder();
        var screen = new Warnings();
        string path = Path.Combine(folder.Path, "file");
        Action fail = () => throw new GanException(ExitCode.Writing, "Writing file failed.");
        using var file = new RewrittenFile(screen);
        file.Start(fail);
        file.Start(fail);
        file.Start(() => File.WriteAllText(path, "whole"));
        file.Finish();
        Assert.That(screen.Lines, Is.EqualTo(new[] { "Warning: Writing file failed. The next epoch tries again." }));
        Assert.That(File.ReadAllText(path), Is.EqualTo("whole"));
        file.Start(fail);
        Assert.That(file.Finish, Throws.InstanceOf<GanException>().With.Property("Code").EqualTo(ExitCode.Writing));
    }

    [Test]
    public void ASinkReceivesStepsEpochsSamplesAndStatesInOrder()
    {
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new SmallOdog(), Request, Images, device);
        var log = new Log();
        Assert.That(trainer.Run(log, CancellationToken.None), Is.True);
        Assert.That(string.Join(' ', log.Calls), Is.EqualTo(
            "sampled0 step1 step2 step3 step4 epoch1 sampled1 state4 "
            + "step5 step6 step7 step8 epoch2 sampled2 state8 step9 step10 step11 step12 epoch3 sampled3 state12"));
    }

    /// <summary>A recipe that the program doesn't know is trained, resumed and sampled by the program's own commands.</summary>
    [Test]
    public void OnesOwnRecipeIsRunByTheProgramsCommands()
    {
        using var folder = new TestFolder();
        string run = Path.Combine(folder.Path, "run"), grid = Path.Combine(folder.Path, "grid.png");
        Assert.That(Gan($"train --recipe mine --dataset digits --limit 24 --epochs 1 --device cpu --output {run} --quiet"), Is.Zero);
        Assert.That(Gan($"resume {run} --epochs 2 --quiet"), Is.Zero);
        Assert.That(Gan($"sample {run} --count 4 --output {grid} --quiet"), Is.Zero);
        Assert.That(File.ReadAllLines(Path.Combine(run, "loss.csv")), Has.Length.EqualTo(3));
        Assert.That(File.Exists(grid), Is.True);

        static int Gan(string arguments) => GanFromScratch.Gan.Commands.GanProgram.Run(arguments.Split(' '), new Mine());
    }

    /// <summary>What a recipe does not report is missing from the curves; the checkpoint, which holds no NaN, is read again.</summary>
    [Test]
    public void ARecipeThatReportsNoAccuracyGoesOn()
    {
        using var folder = new TestFolder();
        string run = Path.Combine(folder.Path, "run");
        Assert.That(Gan($"train --recipe mute --dataset digits --limit 24 --epochs 1 --device cpu --output {run} --quiet"), Is.Zero);
        Assert.That(Gan($"resume {run} --epochs 2 --quiet"), Is.Zero);
        Assert.That(File.ReadAllText(Path.Combine(run, "loss.svg")), Does.Contain("energy distance").And.Not.Contain("accuracy"));

        static int Gan(string arguments) => GanFromScratch.Gan.Commands.GanProgram.Run(arguments.Split(' '), new Mute());
    }

    /// <summary>The page has every recipe's header, and after the document's own columns all recipes have the same ones.</summary>
    [Test]
    public void TheHeadersOfTheLogAreInTheDocs()
    {
        string page = File.ReadAllText(Path.Combine(SourceProjects.Root, "docs/runs.md"));
        const string Common = ",step,d_mean_loss,g_mean_loss,d_accuracy_real,d_accuracy_fake,seconds,images_per_second";
        foreach (var recipe in RecipeBook.BuiltIn.All.SelectMany(recipe => new[] { recipe, RecipeBook.BuiltIn.Find(recipe.Name, true) }))
        {
            string header = LossCsvSink.HeaderOf(recipe);
            Assert.That(page, Does.Contain($"| `{recipe.Name}` | `{header}` |"));
            Assert.That(header, Does.StartWith("epoch,").And.EndWith(Common));
            Assert.That(header.Split(','), Is.Unique);
        }
    }

    [Test]
    public void TwoRecipesOfOneNameAreRefused() =>
        Assert.That(() => RecipeBook.BuiltIn.With(new Odog()), Throws.ArgumentException.With.Message.Contains("'odog'"));

    private sealed class Mine : Odog
    {
        public Mine() => (Name, Batch, NoiseSize) = ("mine", 6, 4);
    }

    private sealed class Mute : Odog
    {
        public Mute() => (Name, Batch, NoiseSize) = ("mute", 6, 4);

        public override void Step(StepContext step)
        {
            base.Step(step);
            foreach (var accuracy in new[] { Metric.AccuracyOnReal, Metric.AccuracyOnFake })
                step.Metrics[accuracy] = DeferredMetric.Constant(accuracy.Unreported);
        }
    }

    private sealed class Warnings : Screen
    {
        public List<string> Lines { get; } = [];

        public override void Print(string line)
        {
        }

        public override void Notice(string line) => Lines.Add(line);
    }

    private sealed class PowerCut : Exception;

    private sealed class CutOff(int afterEpoch) : IRunSink
    {
        public void Sampled(int epoch, ReadOnlySpan<float> pictures)
        {
            if (epoch == afterEpoch)
                throw new PowerCut();
        }
    }

    private sealed class Log : IRunSink
    {
        public List<string> Calls { get; } = [];

        public void Step(TrainingPosition position, MetricValues metrics) => Calls.Add($"step{position.Step}");

        public void Epoch(EpochReport report) => Calls.Add($"epoch{report.Epoch}");

        public void Sampled(int epoch, ReadOnlySpan<float> pictures) => Calls.Add($"sampled{epoch}");

        public void State(int step, Snapshot snapshot) => Calls.Add($"state{step}");
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Whole training steps on every engine: the processor's bits, in every loss and every parameter.</summary>
[TestFixture]
internal sealed class StepsOnEnginesTests
{
    private const ulong Seed = 12;
    private const int SmallPixels = 13;
    private const int StepsBeforeReplays = 2; // as ever, and the rehearsal

    private static IEnumerable<string> Recipes => RecipeBook.BuiltIn.All.Select(recipe => recipe.Name);

    private static IEnumerable<Recipe> Narrow => NarrowRecipes.All;

    /// <summary>The forms that are told classes, of recipes that can do without.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void TheConditionalFormsSteps([Values("opencl", "replayed", "cuda")] string engine) =>
        Compare(Named(engine), () => RecipeBook.BuiltIn.Find("stable-conv", conditional: true), 784, 4);

    /// <summary>The networks as they are, on whole batches.</summary>
    [Sampled(9)]
    public void TheRecipesSteps([ValueSource(nameof(Recipes))] string name, [Values("opencl", "replayed", "cuda")] string engine) =>
        Compare(Named(engine), () => RecipeBook.BuiltIn.Find(name), 784, 8);

    /// <summary>Many steps, for which networks have few columns.</summary>
    [Sampled(9)]
    public void TwoHundredStepsOfNarrowNetworks(
        [ValueSource(nameof(Narrow))] Recipe recipe, [Values("opencl", "replayed", "cuda")] string engine) =>
        Compare(Named(engine), () => recipe, SmallPixels, 200);

    /// <summary>Whole and short batches by turns: each has a recording of its own, the rates of the step and the next noise.</summary>
    [Sampled(6)]
    public void ShortBatchesHaveARecordingOfTheirOwn([ValueSource(nameof(Narrow))] Recipe recipe)
    {
        int[] sizes = [8, 8, 8, 8, 5, 8, 5, 5, 8, 5, 5, 8, 5];
        var (want, got) = (Losses(Engine.Cpu.Device), Losses(Engine.Replayed.Device));
        Assert.That(got, Is.EqualTo(want));

        double[] Losses(Device device)
        {
            long replays = (device as AcceleratorDevice)?.Replays ?? 0;
            using var model = new SteppedModel(recipe, device, SmallPixels, Seed, batch: 8);
            var losses = new List<double>();
            for (int step = 0; step < sizes.Length; step++)
            {
                using var real = Reals(device, SmallPixels, sizes[step], step);
                var result = model.Step([real], progress: step / 100.0);
                losses.AddRange([result[Metric.DiscriminatorLoss], result[Metric.GeneratorLoss], result[Metric.AccuracyOnReal]]);
            }
            if (device is AcceleratorDevice replayed)
                Assert.That(replayed.Replays - replays, Is.EqualTo(sizes.Length - (2 * StepsBeforeReplays)), model.ReplayRefusal);
            return [.. losses];
        }
    }

    /// <summary>
    /// What a recorded step held, and what a refused one's rehearsals held, is the pool's again: model after model takes no more memory.
    /// </summary>
    [Sampled(4)]
    public void RecordingsGiveTheirBlocksBack([Values] bool refused, [Values(2, 8)] int steps)
    {
        using var device = (AcceleratorDevice)Engine.Replayed.Open();
        Recipe recipe = refused ? new Unalike(readsItsNumber: false) : new SmallOdog();
        long first = 0;
        for (int i = 0; i < 3; i++)
        {
            using (var model = new SteppedModel(recipe, device, SmallPixels, Seed))
            {
                using var real = Reals(device, SmallPixels, recipe.Batch, 0);
                for (int step = 0; step < steps; step++)
                    _ = model.Step(real);
            }
            Assert.That(device.RentedBlocks, Is.Zero);
            first = i == 0 ? device.AllocatedBytes : first;
        }
        Assert.That(device.Replays, refused ? Is.Zero : Is.EqualTo(3 * (steps - StepsBeforeReplays)));
        Assert.That(device.AllocatedBytes, Is.EqualTo(first));
    }

    /// <summary>A step that reads a number that changes, or reads numbers back, runs as ever.</summary>
    [TestCase(true)]
    [ExhaustiveCase(false)]
    public void AStepThatCannotBeReplayedIsNot(bool readsItsNumber)
    {
        var recipe = new Unalike(readsItsNumber);
        using var model = new SteppedModel(recipe, Engine.Replayed.Device, SmallPixels, Seed);
        long replays = ((AcceleratorDevice)Engine.Replayed.Device).Replays;
        using var real = Reals(Engine.Replayed.Device, SmallPixels, recipe.Batch, 0);
        for (int step = 0; step < 6; step++)
            _ = model.Step(real);
        Assert.That(((AcceleratorDevice)Engine.Replayed.Device).Replays, Is.EqualTo(replays));
        Assert.That(model.ReplayRefusal, Does.Contain(readsItsNumber ? "changes from step to step" : "read back within it"));
        Assert.That(recipe.Taken, Is.EqualTo(6), "steps taken, each once");
    }

    /// <summary>
    /// Noise that is the same in each step keeps its place as long as a recorded step reads it, though others, of short batches, want other
    /// noise.
    /// </summary>
    [Test]
    public void FixedNoiseStaysWhereItIs()
    {
        int[] sizes = [26, 26, 26, 26, 14, 26, 14, 14, 26, 14, 14, 26, 14, 26, 26, 14];
        Assert.That(Losses(Engine.Replayed.Device), Is.EqualTo(Losses(Engine.Cpu.Device)));

        double[] Losses(Device device)
        {
            long replays = (device as AcceleratorDevice)?.Replays ?? 0;
            using var model = new SteppedModel(new FixedNoise(), device, SmallPixels, Seed, batch: 26);
            var losses = new List<double>();
            for (int step = 0; step < sizes.Length; step++)
            {
                using var real = Reals(device, SmallPixels, sizes[step], step);
                losses.Add(model.Step(real)[Metric.GeneratorLoss]);
            }
            if (device is AcceleratorDevice replayed)
                Assert.That(replayed.Replays, Is.GreaterThan(replays), model.ReplayRefusal);
            return [.. losses];
        }
    }

    /// <summary>Two metrics of one sum, and one that is reported twice, of which the second counts: no block stays behind.</summary>
    [Sampled(3)]
    public void MetricsMayShareASumOrBeReportedAnew([Values("cpu", "opencl", "replayed")] string name)
    {
        using var device = Engine.All.Append(Engine.Replayed).Single(engine => engine.Name == name).Open();
        using var model = new SteppedModel(new ReportsTwice(), device, SmallPixels, Seed);
        using var real = Reals(device, SmallPixels, new ReportsTwice().Batch, 0);
        int rented = 0;
        for (int step = 0; step < 9; step++)
        {
            var values = model.Step(real);
            Assert.That(values[Metric.AccuracyOnFake], Is.EqualTo(1 - values[Metric.AccuracyOnReal]));
            Assert.That(values[Metric.GeneratorLoss], Is.EqualTo(values[Metric.AccuracyOnReal]));
            rented = step <= StepsBeforeReplays ? device.RentedBlocks : rented; // the captured step keeps what it reports
            Assert.That(device.RentedBlocks, Is.EqualTo(rented));
        }
    }

    private sealed class FixedNoise : SmallOdog
    {
        public override void Step(StepContext step)
        {
            using var z = step.Noise.Fixed(step.Real.Shape.Rows);
            GanSteps.Simultaneous(step, z, static onFake => onFake, default(Kernels.Identity));
        }
    }

    private sealed class ReportsTwice : SmallOdog
    {
        public override void Step(StepContext step)
        {
            base.Step(step);
            step.Metrics[Metric.AccuracyOnFake] = 1 - step.Metrics[Metric.AccuracyOnReal];
            step.Metrics[Metric.GeneratorLoss] = step.Metrics[Metric.AccuracyOnReal];
        }
    }

    private sealed class Unalike(bool readsItsNumber) : SmallOdog
    {
        public int Taken { get; private set; }

        public override void Step(StepContext step)
        {
            Taken++;
            if (readsItsNumber)
                Assert.That(step.Number.Value, Is.EqualTo(1));
            else
                step.Real.CopyFrom(step.Real.ToArray());
            base.Step(step);
        }
    }

    [Sampled(6)]
    public void ThreeStepsOfNarrowNetworksAreEmulated([ValueSource(nameof(Narrow))] Recipe recipe) =>
        Compare(Engine.Emulated, () => recipe, SmallPixels, 3);

    /// <summary>The device's pool tells, too, where the driver can't be counted.</summary>
    [Test]
    public void AStepRentsNothingNew([ValueSource(typeof(Engine), nameof(Engine.Trainers))] Engine engine)
    {
        var device = engine.Device;
        var recipe = new SmallOdog();
        var model = new SteppedModel(recipe, device, SmallPixels, Seed);
        using var real = Reals(device, SmallPixels, recipe.Batch, step: 0);
        _ = model.Step(real);
        (long Storage, int Rented) first = (device.AllocatedBytes, device.RentedBlocks);
        for (int step = 0; step < 5; step++)
            _ = model.Step(real);
        Assert.That((device.AllocatedBytes, device.RentedBlocks), Is.EqualTo(first));
    }

    /// <summary>16 KiB, most of it the tape's: a launch adds nothing.</summary>
    [Test]
    public void AStepAllocatesLittleManagedMemory([Values("cpu", "opencl", "cuda")] string engine)
    {
        var device = Engine.All.Single(e => e.Name == engine).Device;
        var recipe = RecipeBook.BuiltIn.Find("odog");
        using var model = new SteppedModel(recipe, device, 784, Seed);
        using var real = Reals(device, 784, recipe.Batch, step: 0);
        for (int step = 0; step < 3; step++)
            _ = model.Step(real);
        const int Steps = 5;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < Steps; step++)
            _ = model.Step(real);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Steps;
        TestContext.Out.WriteLine($"{engine}: {each:N0} bytes a step");
        Assert.That(each, Is.LessThanOrEqualTo(16 << 10));
    }

    /// <summary>The comparison would be none if it forgave a mistake: the least change of a learning rate is seen.</summary>
    [Test]
    public void APlantedErrorIsFound()
    {
        var recipe = new SmallOdog();
        var right = Train(recipe, Engine.Cpu.Device, SmallPixels, 3);
        var wrong = Train(recipe, Engine.Cpu.Device, SmallPixels, 3, MathF.BitIncrement(recipe.GeneratorAdam.LearningRate));
        Assert.That(Differences(wrong, right), Is.Not.Empty);
    }

    private static Engine Named(string name) => Engine.All.Append(Engine.Replayed).Single(engine => engine.Name == name);

    private static void Compare(Engine engine, Func<Recipe> recipe, int pixels, int steps)
    {
        var device = engine.Device; // or the test is skipped here
        var want = Train(recipe(), Engine.Cpu.Device, pixels, steps);
        long replays = (device as AcceleratorDevice)?.Replays ?? 0;
        var got = Train(recipe(), device, pixels, steps);
        if (device is AcceleratorDevice { CanReplay: true } replayed)
        {
            int alike = recipe().StepsAreAlike ? steps - StepsBeforeReplays : 0;
            Assert.That(replayed.Replays - replays, Is.EqualTo(alike), $"steps that were replayed: {got.Refusal}");
        }
        Assert.That(want.Losses, Has.All.Matches<double>(double.IsFinite));
        Assert.That(Differences(got, want), Is.Empty);
    }

    private static List<string> Differences(Trace got, Trace want)
    {
        List<string> found = [.. Enumerable.Range(0, want.Losses.Length)
            .Where(i => got.Losses[i] != want.Losses[i])
            .Select(i => $"loss {i % 2} of step {i / 2} is {got.Losses[i]:R}, not {want.Losses[i]:R}").Take(1)];
        foreach (var (name, numbers) in want.Parameters)
        {
            float[] others = got.Parameters[name];
            int at = Enumerable.Range(0, numbers.Length).FirstOrDefault(i => !Numbers.Same(others[i], numbers[i]), -1);
            if (at >= 0)
                found.Add($"{name}[{at}] is {others[at]:g9}, not {numbers[at]:g9}");
        }
        return found;
    }

    private static Trace Train(Recipe recipe, Device device, int pixels, int steps, float? learningRate = null)
    {
        var picture = recipe.Sides is null ? SteppedModel.Row(pixels) : new PictureShape(28, 28, 1);
        int classes = recipe.IsConditional ? 10 : 0, batch = recipe.Sides is null ? recipe.Batch : 8;
        using var stepped = new SteppedModel(recipe, device, picture, Seed, learningRate, batch, classes: classes);
        using var labels = Tensor.From(device, new Shape(batch), [.. Enumerable.Range(0, batch).Select(i => (float)(i % 10))]);
        var model = stepped.Model;
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            using var real = Reals(device, picture.Length, batch, step);
            var result = classes > 0 ? stepped.Step([real, labels]) : stepped.Step(real);
            losses.AddRange([result[Metric.DiscriminatorLoss], result[Metric.GeneratorLoss]]);
        }
        var parameters = new Dictionary<string, float[]>();
        foreach (var (network, name) in ((Sequential, string)[])[(model.Generator, "G"), (model.Discriminator, "D")])
        {
            foreach (var parameter in network.Parameters.Concat(network.Statistics))
                parameters.Add($"{name}.{parameter.Name}", parameter.Value.ToArray());
        }
        return new Trace([.. losses], parameters, stepped.ReplayRefusal);
    }

    private static Tensor Reals(Device device, int pixels, int batch, int step) =>
        Tensor.From(device, new Shape(batch, pixels), GoldenInputs.Uniform($"reals of step {step} of {Seed}", batch * pixels, -1, 1));

    /// <summary>Two losses a step, and what the networks were at the end.</summary>
    private sealed record Trace(double[] Losses, Dictionary<string, float[]> Parameters, string? Refusal);
}

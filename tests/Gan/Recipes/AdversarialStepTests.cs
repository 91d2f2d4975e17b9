using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The training step of any loss and regularisers, on small networks: what each of them does, and that every engine does the same.
/// </summary>
[TestFixture]
internal sealed class AdversarialStepTests
{
    private const int Pixels = 13, Batch = 12;
    private static readonly SmallOdog Recipe = new();

    private static Objective MostOps { get; } = new()
    {
        Loss = AdversarialLoss.Find("relativistic"),
        R1 = 0.4f,
        R2 = 0.3f,
        Pack = 3,
        SpectralNorm = true,
        RateDecay = RateDecay.Cosine,
    };

    private static IEnumerable<Objective> Objectives =>
    [
        .. AdversarialLoss.All.Select(
            loss => new Objective { Loss = loss, GradientPenalty = loss.GradientPenalty, DiscriminatorSteps = loss.DiscriminatorSteps }),
        new() { LabelSmoothing = 0.1f, FlipLabels = 0.3f, InstanceNoise = 0.2f, GradientClip = 0.05f, Ema = 0.9f },
        MostOps,
        new() { Loss = AdversarialLoss.Find("hinge"), GradientPenalty = 2, SpectralNorm = true, Pack = 2 },
        new() { Loss = AdversarialLoss.Find("relativistic"), R1 = 1, R2 = 1, PenaltyDecay = PenaltyDecay.None },
        new() { Loss = AdversarialLoss.Find("relativistic"), R1 = 1, R2 = 1, Augment = Augmentation.Both, Pack = 2 },
    ];

    /// <summary>The emulated device has time for one of them.</summary>
    private static IEnumerable<TestCaseData> OnEngines =>
        from engine in Engine.WithKernels
        from objective in engine.Speed == Engine.Pace.Slow ? [MostOps] : Objectives
        select new TestCaseData(engine, objective).SetArgDisplayNames(engine.Name, $"{objective}");

    /// <summary>A step or two: losses, both networks and the average are the processor's, to the bit.</summary>
    [TestCaseSource(nameof(OnEngines))]
    public void EveryEngineTakesTheSameSteps(Engine engine, Objective objective)
    {
        var device = engine.Device;
        using var cpu = new CpuDevice(2);
        int steps = engine.Speed == Engine.Pace.Slow ? 1 : 2;
        var want = Train(cpu, objective, steps);
        var got = Train(device, objective, steps);
        Assert.That(want.Numbers, Has.All.Matches<float>(float.IsFinite));
        Assert.That(got.Losses, Is.EqualTo(want.Losses));
        Numbers.AssertSame(got.Numbers, want.Numbers, "the networks");
    }

    [Test]
    public void RegularisersChangeTheirOwnPartAlone()
    {
        using var device = new CpuDevice(1);
        var plain = Train(device, new Objective { Pack = 1, LabelSmoothing = 1e-9f }, 1).Losses;
        var r1 = Train(device, new Objective { R1 = 0.5f }, 1).Losses;
        var noisy = Train(device, new Objective { InstanceNoise = 0.5f }, 1).Losses;
        Assert.That(r1[0], Is.GreaterThan(plain[0]), "D's loss has the penalty");
        Assert.That(noisy[0], Is.Not.EqualTo(plain[0]).Within(1e-3));
        Assert.That(
            Train(device, new Objective { InstanceNoise = 0.5f }, 1, progress: 1).Losses, Is.EqualTo(plain).Within(1e-6),
            "at the end no noise is left");
        var decayed = new Objective { R1 = 0.5f, RateDecay = RateDecay.Linear };
        double penalty = r1[0] - plain[0], last = Train(device, decayed, 1, progress: 1).Losses[0] - plain[0];
        Assert.That(last, Is.EqualTo(0.02 * penalty).Within(1e-5), "R1 shrinks with the rate");
    }

    /// <summary>
    /// The penalties that a step adds, from slopes that finite differences found: gamma / 2 · mean ‖s‖² at reals or fakes, and lambda ·
    /// mean (‖s‖ - 1)² between them.
    /// </summary>
    [TestCase("r1")]
    [TestCase("r2")]
    [TestCase("gp")]
    public void ThePenaltyIsItsFormulaOfTheSlopes(string name)
    {
        using var device = new CpuDevice(1);
        var objective = name switch
        {
            "r1" => new Objective { R1 = 0.8f },
            "r2" => new Objective { R2 = 0.8f },
            _ => new Objective { GradientPenalty = 3f },
        };
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: objective);
        var untouched = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: new Objective { LabelSmoothing = 1e-9f });
        using var real = Reals(device, 0);
        double with = model.Step(real)[Metric.DiscriminatorLoss];
        double without = untouched.Step(real)[Metric.DiscriminatorLoss];

        var fresh = new SteppedModel(Recipe, device, Pixels, seed: 3); // as both were before the step
        float[] points = real.ToArray();
        var noise = new TrainingNoise(Recipe, device, 3);
        using var z = noise.Draw("z_d", Batch);
        float[] fakes = fresh.Model.Sample(z, Recipe.GeneratorPassForD);
        if (name == "r2")
            points = fakes;
        if (name == "gp")
        {
            using var alpha = new Tensor(device, new Shape(Batch, 1));
            RandomNumbers.Uniform(noise.Regularisers, 0, 1, alpha);
            float[] share = alpha.ToArray();
            points = [.. points.Select((x, i) => (share[i / Pixels] * x) + ((1 - share[i / Pixels]) * fakes[i]))];
        }
        double[] squares = new double[Batch];
        const float Step = 1f / 64;
        for (int i = 0; i < points.Length; i++)
        {
            double difference = Outputs(fresh.Model, points, i, Step)[i / Pixels] - Outputs(fresh.Model, points, i, -Step)[i / Pixels];
            squares[i / Pixels] += Math.Pow(difference / (2 * Step), 2);
        }
        double expected = name == "gp" ? 3 * squares.Average(square => Math.Pow(Math.Sqrt(square) - 1, 2)) : 0.4 * squares.Average();
        Assert.That(with - without, Is.EqualTo(expected).Within(1).Percent);
    }

    [Test]
    public void TheAverageFollowsTheGenerator()
    {
        using var device = new CpuDevice(1);
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: new Objective { Ema = 0.9f });
        var noise = new TrainingNoise(Recipe, device, 3);
        var names = model.Model.Generator.Parameters.Concat(model.Model.Generator.Statistics).ToList();
        var averages = model.Model.Sampler.Parameters.Concat(model.Model.Sampler.Statistics).ToList();
        Assert.That(model.Model.Sampler, Is.Not.SameAs(model.Model.Generator));
        Assert.That(averages.Select(p => p.Name), Is.EqualTo(names.Select(p => p.Name)));
        double[][] expected = [.. names.Select(p => p.Value.ToArray().Select(v => (double)v).ToArray())];
        for (int step = 0; step < 4; step++)
        {
            using var real = Reals(device, step);
            _ = model.Step(real);
            double decay = Math.Min(0.9, (1.0 + step) / (10 + step));
            for (int p = 0; p < expected.Length; p++)
                expected[p] = [.. expected[p].Zip(names[p].Value.ToArray(), (mean, latest) => (decay * mean) + ((1 - decay) * latest))];
        }
        for (int p = 0; p < expected.Length; p++)
            Numbers.AssertClose(averages[p].Value.ToArray(), expected[p], 1e-6, averages[p].Name);
        using var z = noise.Fixed(2);
        using var tape = new Tape(device);
        Assert.That(
            model.Model.Sample(z, Pass.Inference),
            Is.EqualTo(model.Model.Sampler.Forward(tape.Constant(z), Pass.Inference).Value.ToArray()));
    }

    [Test]
    public void SpectralNormDividesByTheLargestSingularValue()
    {
        using var device = new CpuDevice(1);
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: new Objective { SpectralNorm = true });
        var noise = new TrainingNoise(Recipe, device, 3);
        for (int step = 0; step < 60; step++) // the vectors follow weights that move
        {
            using var real = Reals(device, step);
            _ = model.Step(real);
        }
        var layer = model.Model.Discriminator.Layers[0];
        var weight = layer.Parameters[0].Value;
        double largest = SpectralNormTests.LargestSingularValue(weight.ToArray(), weight.Shape.Columns);
        using var tape = new Tape(device);
        float[] zero = new float[Pixels], unit = [1, .. new float[Pixels - 1]];
        using Tensor a = Tensor.From(device, new Shape(1, Pixels), zero), b = Tensor.From(device, new Shape(1, Pixels), unit);
        float[] atZero = Before(layer, tape, a), atUnit = Before(layer, tape, b);
        for (int c = 0; c < atZero.Length; c++)
            Assert.That(atUnit[c] - atZero[c], Is.EqualTo(weight.ToArray()[c] / largest).Within(2e-3), $"column {c}");

        // LeakyReLU undone
        static float[] Before(Module layer, Tape tape, Tensor x) =>
            [.. layer.Forward(tape.Constant(x), Pass.Inference).Value.ToArray().Select(y => y > 0 ? y : y / 0.2f)];
    }

    [Test]
    public void SpectralNormChangesNoFirstWeightAndLeavesZerosZero()
    {
        using var device = new CpuDevice(1);
        using SteppedModel plain = new(Recipe, device, Pixels, seed: 3),
            bound = new(Recipe, device, Pixels, seed: 3, objective: new Objective { SpectralNorm = true });
        for (int p = 0; p < plain.Model.Discriminator.ParameterArray.Length; p++)
            Assert.That(
                bound.Model.Discriminator.ParameterArray[p].Value.ToArray(),
                Is.EqualTo(plain.Model.Discriminator.ParameterArray[p].Value.ToArray()));
        foreach (var parameter in bound.Model.Discriminator.ParameterArray)
            device.Fill(parameter.Value, 0f);
        bound.Model.Discriminator.Updated();
        Assert.That(Outputs(bound.Model, new float[Batch * Pixels], 0, 1f), Has.All.Zero);
    }

    [Test]
    public void ClippedWeightsStayWithinTheirBound()
    {
        using var device = new CpuDevice(1);
        var wgan = new Objective { Loss = AdversarialLoss.Find("wgan") };
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: wgan);
        using var real = Reals(device, 0);
        _ = model.Step(real);
        float[] weights = [.. model.Model.Discriminator.Parameters.SelectMany(p => p.Value.ToArray())];
        Assert.That(weights.Max(Math.Abs), Is.EqualTo(0.01f));
        Assert.That(weights, Has.Some.GreaterThan(-0.01f).And.Some.LessThan(0.01f));
    }

    [Test]
    public void ClippedGradientsHaveTheirNormAndDirection([Values(0.001f, 1000f)] float limit)
    {
        using var networks = new SmallNetworks(spectralNorm: false);
        var parameters = networks.Discriminator.ParameterArray;
        using var tape = new Tape(networks.Device);
        var gradients = tape.Gradients(
            networks.Discriminator.Forward(tape.Constant(networks.Real), Pass.Inference).BceWithLogits(1), parameters);
        float[][] before = [.. parameters.Select(p => gradients[p].Value.ToArray())];
        double norm = Math.Sqrt(before.SelectMany(v => v).Sum(v => (double)v * v));
        gradients.ClipByNorm(parameters, limit);
        double factor = Math.Min(1, limit / norm);
        for (int p = 0; p < parameters.Length; p++)
            Numbers.AssertClose(gradients[parameters[p]].Value.ToArray(), [.. before[p].Select(v => factor * v)], 1e-6, parameters[p].Name);
    }

    [Test]
    public void PacksAreJudgedTogether()
    {
        using var device = new CpuDevice(1);
        var packed = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: new Objective { Pack = 3 });
        Assert.That(packed.Model.Discriminator.Parameters[0].Value.Shape, Is.EqualTo(new Shape(3 * Pixels, 9)));
    }

    [Test]
    public void LabelsAreSmoothedAndFlippedAsAskedFor([Values(0f, 0.2f)] float flip, [Values(0f, 0.1f)] float smoothing)
    {
        using var device = new CpuDevice(1);
        var objective = new Objective { FlipLabels = flip, LabelSmoothing = smoothing };
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: objective);
        var context = new StepContext
        {
            Recipe = Recipe,
            Model = model.Model,
            Objective = objective,
            Reals = [],
            Noise = model.Noise,
            Metrics = new DeferredMetrics(Recipe.Metrics),
            Batch = Batch,
            Number = 1,
            RateFactor = 1,
            InstanceNoise = 0,
        };
        foreach (bool ofReals in new[] { true, false })
        {
            using var tape = new Tape(device);
            var labels = AdversarialStep.Labels(context, tape.Scratch(new Shape(20_000, 1)), ofReals)!;
            float[] values = [.. labels.Value.ToArray().Select(v => MathF.Round(v, 5))];
            Assert.That(values, Has.All.AnyOf(0f, 1 - smoothing));
            Assert.That(
                values.Count(v => v > 0 != ofReals) / 20_000.0, Is.EqualTo(flip).Within(0.012),
                "the share of wrong labels; its deviation is 0.003");
        }
    }

    [Test]
    public void EachUpdateOfDHasRealsOfItsOwn()
    {
        using var device = new CpuDevice(1);
        var objective = new Objective { DiscriminatorSteps = 3 };
        var seen = new List<Sequential>();
        var model = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: objective)
        {
            GradientsSeen = (network, _) => seen.Add(network),
        };
        Tensor[] reals = [Reals(device, 0), Reals(device, 1), Reals(device, 2)];
        _ = model.Step(reals);
        Assert.That(
            seen,
            Is.EqualTo(new[] { model.Model.Discriminator, model.Model.Discriminator, model.Model.Discriminator, model.Model.Generator }));
        Assert.That((model.Model.DiscriminatorAdam.Steps, model.Model.GeneratorAdam.Steps), Is.EqualTo((3, 1)));
        foreach (var real in reals)
            real.Dispose();
    }

    private static float[] Outputs(GanModel model, float[] points, int moved, float by)
    {
        float[] copy = [.. points];
        copy[moved] += by;
        using var x = Tensor.From(model.Device, new Shape(Batch, Pixels), copy);
        using var tape = new Tape(model.Device);
        return model.Discriminator.Forward(tape.Constant(x), Pass.Inference).Value.ToArray();
    }

    private static (double[] Losses, float[] Numbers) Train(Device device, Objective objective, int steps, double progress = 0)
    {
        using var stepped = new SteppedModel(Recipe, device, Pixels, seed: 3, objective: objective); // the device is shared
        var model = stepped.Model;
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            Tensor[] reals = [.. Enumerable.Range(0, objective.DiscriminatorSteps).Select(k => Reals(device, (10 * step) + k))];
            var result = stepped.Step(reals, progress);
            losses.AddRange([result[Metric.DiscriminatorLoss], result[Metric.GeneratorLoss]]);
            foreach (var real in reals)
                real.Dispose();
        }
        Sequential[] networks = [model.Generator, model.Discriminator, model.Sampler];
        var all = networks.Distinct().SelectMany(network => network.Parameters.Concat(network.Statistics));
        return ([.. losses], [.. all.SelectMany(p => p.Value.ToArray())]);
    }

    private static Tensor Reals(Device device, int step)
    {
        var real = new Tensor(device, new Shape(Batch, Pixels));
        RandomNumbers.Uniform(new RandomStream(8, (uint)step), -1, 1, real);
        return real;
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Whole training steps on every engine against the processor's. An engine differs from it by the order of sums over the batch alone, so how far it may
/// stray is measured by the processor itself: with each batch turned round, it computes the same step with its sums in another order.
/// </summary>
[TestFixture]
internal sealed class StepsOnEnginesTests
{
    /// <summary>How many times further than the processor from itself an engine may stray. Rounding is chance; an error is a thousand times more.</summary>
    private const double Times = 4;

    private const ulong Seed = 11;

    [Test]
    public void TwentyStepsOfOdog([ValueSource(typeof(Engine), nameof(Engine.Trainers))] Engine engine) =>
        Compare(engine, new Odog(), pixels: 784, steps: 20);

    [Test]
    public void StepsOfASmallOdog([ValueSource(typeof(Engine), nameof(Engine.WithKernels))] Engine engine) =>
        Compare(engine, new SmallOdog(), pixels: 13, steps: engine.Speed == Engine.Pace.Slowest ? 3 : 8);

    /// <summary>After the first step: nothing is allocated or compiled, nothing goes up, and only the five numbers that the step reports come down.</summary>
    [Test]
    public void AStepAsksTheDeviceForNothingNew()
    {
        var driver = new CountingCuda(new InterpretedCuda());
        using var folder = new TestFolder();
        using var device = new CudaDevice(driver, 0, new DeviceSettings(folder.Path, 0, TextWriter.Null));
        var recipe = new SmallOdog();
        var model = new GanModel(recipe, device, 13, Seed);
        var noise = new TrainingNoise(recipe, device, Seed);
        using var real = Reals(device, 13, recipe.Batch, step: 0, Order.AsDrawn);

        _ = recipe.Step(model, real, noise);
        var before = Counts();
        int rented = device.RentedBlocks, launches = driver.Launches;
        const int Steps = 3;
        for (int step = 0; step < Steps; step++)
            _ = recipe.Step(model, real, noise);
        var after = Counts();
        TestContext.Out.WriteLine($"a step: {(driver.Launches - launches) / Steps} launches");
        Assert.Multiple(() =>
        {
            Assert.That(after.Allocations, Is.EqualTo(before.Allocations), "allocations");
            Assert.That(after.Compilations, Is.EqualTo(before.Compilations), "compilations");
            Assert.That(after.Synchronizations, Is.EqualTo(before.Synchronizations), "waits for all work");
            Assert.That(after.CopiesToDevice, Is.EqualTo(before.CopiesToDevice), "copies to the device");
            Assert.That(after.CopiesToHost - before.CopiesToHost, Is.EqualTo(5 * Steps), "copies to the host");
            Assert.That(after.BytesToHost - before.BytesToHost, Is.EqualTo(5 * Steps * sizeof(float)), "bytes to the host");
            Assert.That(device.RentedBlocks, Is.EqualTo(rented), "blocks that tensors hold between steps");
        });

        using var kept = noise.Draw("z", 1000); // a step that kept a tensor and looked at a weight
        _ = model.Generator.Parameters.First().Value.ToArray();
        Assert.That(Counts().Allocations, Is.GreaterThan(after.Allocations), "the counters see it");
        Assert.That(Counts().BytesToHost, Is.GreaterThan(after.BytesToHost), "the counters see it");

        (int Allocations, int Compilations, int Synchronizations, int CopiesToDevice, int CopiesToHost, long BytesToHost) Counts() =>
            (driver.Allocations, driver.Compilations, driver.Synchronizations, driver.CopiesToDevice, driver.CopiesToHost, driver.BytesToHost);
    }

    /// <summary>Where the driver can't be counted, the device's pool tells.</summary>
    [Test]
    public void AStepRentsNothingNew([ValueSource(typeof(Engine), nameof(Engine.Trainers))] Engine engine)
    {
        using var device = engine.Open();
        var recipe = new SmallOdog();
        var model = new GanModel(recipe, device, 13, Seed);
        var noise = new TrainingNoise(recipe, device, Seed);
        using var real = Reals(device, 13, recipe.Batch, step: 0, Order.AsDrawn);
        _ = recipe.Step(model, real, noise).Resolve();
        (long Storage, int Rented) first = (device.AllocatedBytes, device.RentedBlocks);
        for (int step = 0; step < 5; step++)
            _ = recipe.Step(model, real, noise).Resolve();
        Assert.That((device.AllocatedBytes, device.RentedBlocks), Is.EqualTo(first));
    }

    /// <summary>The yardstick would be none if it forgave a mistake: a learning rate that is off by a thousandth is seen.</summary>
    [Test]
    public void APlantedErrorIsFound()
    {
        using var device = new CpuDevice(2);
        var recipe = new SmallOdog();
        var right = Train(recipe, device, 13, 8, Order.AsDrawn);
        var wrong = Train(recipe, device, 13, 8, Order.AsDrawn, recipe.GeneratorAdam.LearningRate * 1.001f);
        var allowed = Allowed(recipe, right, 13, 8);
        var stray = Stray(wrong, right);
        Assert.That(stray.Losses > allowed.Losses || stray.Parameters > allowed.Parameters, $"{stray}, allowed {allowed}");
        Assert.That(stray.Parameters, Is.GreaterThan(allowed.Parameters));
    }

    private static void Compare(Engine engine, Recipe recipe, int pixels, int steps)
    {
        using var cpu = new CpuDevice(2);
        var want = Train(recipe, cpu, pixels, steps, Order.AsDrawn);
        var allowed = Allowed(recipe, want, pixels, steps);
        using var device = engine.Open();
        var stray = Stray(Train(recipe, device, pixels, steps, Order.AsDrawn), want);
        TestContext.Out.WriteLine($"{engine}: {stray}; allowed: {allowed}");
        Assert.Multiple(() =>
        {
            Assert.That(stray.Losses, Is.LessThanOrEqualTo(allowed.Losses), "losses");
            Assert.That(stray.Parameters, Is.LessThanOrEqualTo(allowed.Parameters), "parameters");
            Assert.That(stray.Farthest, Is.LessThanOrEqualTo(allowed.Farthest), "the farthest parameter");
        });
    }

    /// <summary>The farther of two other orders of every batch on the processor, so many times.</summary>
    private static Distance Allowed(Recipe recipe, Trace want, int pixels, int steps)
    {
        using var device = new CpuDevice(2);
        Distance turned = Stray(Train(recipe, device, pixels, steps, Order.Turned), want), shifted = Stray(Train(recipe, device, pixels, steps, Order.Shifted), want);
        return new(
            Times * Math.Max(turned.Losses, shifted.Losses),
            Times * Math.Max(turned.Parameters, shifted.Parameters),
            Times * Math.Max(turned.Farthest, shifted.Farthest));
    }

    private static Trace Train(Recipe recipe, Device device, int pixels, int steps, Order order, float? learningRate = null)
    {
        var model = new GanModel(recipe, device, pixels, Seed, learningRate);
        using var host = new CpuDevice(1);
        var noise = new OrderedNoise(new TrainingNoise(recipe, host, Seed), device, order);
        var results = new List<LateStepResult>();
        for (int step = 0; step < steps; step++)
        {
            using var real = Reals(device, pixels, model.Batch, step, order);
            results.Add(recipe.Step(model, real, noise));
        }
        double rate = learningRate ?? recipe.GeneratorAdam.LearningRate;
        var networks = new[] { model.Generator, model.Discriminator };
        return new(
            [.. results.Select(late => late.Resolve()).SelectMany(result => new[] { result.DiscriminatorLoss, result.GeneratorLoss })],
            [.. networks.SelectMany(network => network.Parameters.Concat(network.Statistics)).Select(p => p.Value.ToArray())],
            rate);
    }

    private static Tensor Reals(Device device, int pixels, int batch, int step, Order order)
    {
        float[] numbers = GoldenInputs.Uniform($"reals of step {step}", batch * pixels, -1, 1);
        return Tensor.From(device, new Shape(batch, pixels), Ordered(numbers, batch, order));
    }

    /// <summary>The same rows in another order.</summary>
    private static float[] Ordered(float[] numbers, int rows, Order order)
    {
        if (order == Order.AsDrawn)
            return numbers;
        float[][] chunks = [.. numbers.Chunk(numbers.Length / rows)];
        int shift = (rows / 3) + 1;
        return [.. Enumerable.Range(0, rows).SelectMany(n => chunks[order == Order.Turned ? rows - 1 - n : (n + shift) % rows])];
    }

    /// <summary>How far one run is from another: losses in their own size, at least 1; parameters in steps of the learning rate.</summary>
    private static Distance Stray(Trace a, Trace b)
    {
        double losses = a.Losses.Zip(b.Losses, (x, y) => Math.Abs(x - y) / Math.Max(1, Math.Abs(y))).Max();
        double squares = 0, farthest = 0;
        foreach (var (x, y) in a.Parameters.SelectMany(p => p).Zip(b.Parameters.SelectMany(p => p)))
        {
            double difference = (x - (double)y) / b.LearningRate;
            squares += difference * difference;
            farthest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(farthest, Math.Abs(difference));
        }
        return new(losses, Math.Sqrt(squares / b.Parameters.Sum(p => p.Length)), farthest);
    }

    private enum Order
    {
        AsDrawn,
        Turned,
        Shifted,
    }

    /// <summary>Two losses a step, and what the networks were at the end.</summary>
    private sealed record Trace(double[] Losses, float[][] Parameters, double LearningRate);

    private sealed record Distance(double Losses, double Parameters, double Farthest)
    {
        public override string ToString() =>
            $"losses {Losses:e1}, parameters {Parameters:e1} learning rates (root mean square), {Farthest:e1} at the farthest";
    }

    /// <summary>Noise that is drawn on the processor, its rows put in an order.</summary>
    private sealed class OrderedNoise(TrainingNoise noise, Device device, Order order) : INoiseSource
    {
        public IMaskSource Masks => noise.Masks;

        public Tensor Draw(string purpose, int count) => Moved(noise.Draw(purpose, count), count);

        public Tensor Fixed(int count) => Moved(noise.Fixed(count), count);

        private Tensor Moved(Tensor drawn, int count)
        {
            using (drawn)
                return Tensor.From(device, drawn.Shape, Ordered(drawn.ToArray(), count, order));
        }
    }
}

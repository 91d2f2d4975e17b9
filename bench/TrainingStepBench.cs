using BenchmarkDotNet.Attributes;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>
/// Whole training steps on synthetic pictures. Operations are those of the matrix products alone. Each step's results are waited for;
/// training on a device behind a driver reads them some steps later, and `gan bench` measures that.
/// </summary>
public class TrainingStepBench : KernelBench
{
    private static readonly long Flops = FlopsOfStep();
    private Training _training = null!;

    public override string Size => $"batch {OdogLayers.Batch}";

    public override long Units => Flops;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _training = new Training(Device);
        using var one = new CpuDevice(1);
        var alone = new Training(one);
        RequireLayers(alone.Model.Generator.ParameterArray, OdogLayers.Generator);
        RequireLayers(alone.Model.Discriminator.ParameterArray, OdogLayers.Discriminator);
        for (int step = 0; step < 3; step++)
        {
            var (expected, actual) = (alone.Step(), _training.Step());
            if (HasBitsOfCpu ? !expected.Values.SequenceEqual(actual.Values) : !Near(expected, actual))
            {
                throw new InvalidOperationException(
                    $"odog: step {step} on {Where} found {actual}, on one thread {expected}; they must agree");
            }
        }
    }

    [Benchmark, Flops(1)]
    public void Odog()
    {
        _training.Step();
        Device.Synchronize(); // the optimiser's last update follows what the results wait for
    }

    /// <summary>Losses to a thousandth: sums in another order, carried through three steps.</summary>
    private static bool Near(MetricValues expected, MetricValues actual) =>
        Math.Abs(expected[Metric.DiscriminatorLoss] - actual[Metric.DiscriminatorLoss]) <= 1e-3 * expected[Metric.DiscriminatorLoss]
        && Math.Abs(expected[Metric.GeneratorLoss] - actual[Metric.GeneratorLoss]) <= 1e-3 * expected[Metric.GeneratorLoss];

    private static long FlopsOfStep()
    {
        using var device = new CpuDevice(1);
        var training = new Training(device);
        training.Step();
        return device.MatMulFlops;
    }

    /// <summary>The other benchmarks take odog's sizes from these layers, so the recipe must have them.</summary>
    private static void RequireLayers(IEnumerable<Autograd.Parameter> parameters, Product[] layers)
    {
        var weights = parameters.Where(parameter => parameter.Value.Shape.Rank == 2).Select(parameter => parameter.Value.Shape);
        if (!weights.SequenceEqual(layers.Select(layer => new Shape(layer.K, layer.N))))
            throw new InvalidOperationException($"odog's weights are {string.Join(' ', weights)}; OdogLayers must list the same");
    }

    private sealed class Training
    {
        private readonly StepRunner _runner;
        private readonly DeferredMetrics _metrics;
        private readonly Tensor _real;

        public Training(Device device)
        {
            Model = Recipe.Build(new BuildContext(device, new PictureShape(1, OdogLayers.Pixels, 1), Seed: 1));
            _runner = new StepRunner(
                Recipe, Model, Recipe.Objective, new TrainingNoise(Recipe, device, seed: 1), Recipe.Batch, int.MaxValue);
            _metrics = new DeferredMetrics(Recipe.Metrics);
            _real = Inputs.Uniform(device, new Shape(Recipe.Batch, OdogLayers.Pixels), (uint)SeedStream.Synthetic);
        }

        public Recipe Recipe { get; } = RecipeBook.BuiltIn.Find("odog");

        public GanModel Model { get; }

        public MetricValues Step()
        {
            _metrics.Clear();
            _runner.Run(0, [_real], _metrics);
            var values = new MetricValues(Recipe.Metrics);
            _metrics.Resolve(values);
            return values;
        }
    }
}

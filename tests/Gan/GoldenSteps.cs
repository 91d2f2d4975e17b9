using System.Text.Json.Nodes;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Training steps that PyTorch computed in float64 and float32, against the code that trains: losses, first gradients, final parameters.
/// Ours may stray from float64 a few times as far as PyTorch's float32 does. Penalties' files are compared by
/// <see cref="GoldenPenalties"/>. The files are the project's own, or those of the folder that the environment variable `GOLDEN_DIR` names.
/// </summary>
[TestFixture]
internal sealed class GoldenSteps
{
    private static string[] Files => [.. GoldenFile.Names(GoldenFile.Folder).OrderDescending(StringComparer.Ordinal)]; // quick ones first

    // of the project's own, these stand for the others in the suite; of another folder, all are compared
    private static readonly string[] InTheSuite = ["acgan", "dcgan-cifar10", "penalties-conv-tanh", "sdl"];

    private static IEnumerable<TestCaseData> OnDevices =>
        from engine in Engine.Trainers.Except([Engine.Cpu])
        from name in Files
        select Case(name, engine, GoldenFile.Folder != GoldenFile.BuiltIn || InTheSuite.Contains(name));

    [TestCaseSource(nameof(Files))]
    public void Golden(string name) => RequireNear(name, Engine.Cpu);

    /// <summary>On every other device that trains.</summary>
    [TestCaseSource(nameof(OnDevices))]
    public void GoldenOnDevices(string name, Engine engine) => RequireNear(name, engine);

    private static TestCaseData Case(string name, Engine engine, bool isInSuite)
    {
        var test = new TestCaseData(name, engine).SetArgDisplayNames(name, engine.Name);
        return isInSuite ? test : test.SetCategory(SampledAttribute.Exhaustive);
    }

    private static void RequireNear(string name, Engine engine)
    {
        var golden = GoldenFile.Read(GoldenFile.Folder, name); // before the device: a bad file fails where there is no device, too
        Assert.That(Deviations(golden, engine.Device), Is.Empty);
    }

    [Test]
    public void InputsAreThoseOfTheOtherSide()
    {
        Assert.Multiple(() =>
        {
            Assert.That(GoldenInputs.Hash("tést"), Is.EqualTo(0xc17369fa21b2c8d4));
            Assert.That(GoldenInputs.Bits(GoldenInputs.Hash("test/step0/z"), 0), Is.EqualTo(0x5aa401d794cc7ae1));
            Assert.That(GoldenInputs.Unit(GoldenInputs.Hash("test/step0/z"), 1), Is.EqualTo(0.6002561637954587));
            Assert.That(GoldenInputs.Uniform("tést", 1, -1, 1), Is.EqualTo(new[] { -0.04922784f }));
            Assert.That(GoldenInputs.Normal("test/step0/z", 2), Is.EqualTo(new[] { -0.7554969f, -2.1130135f }));
        });
    }

    [TestCase("batch-norm epsilon", "grad G/fc1/weight")]
    [TestCase("unbiased running variance", "final G/bn1/running_var")]
    [TestCase("slope", "grad G/fc1/weight")]
    [TestCase("learning rate", "final D/fc1/weight")]
    [TestCase("half of D's loss", "d_loss[0]")]
    [TestCase("half of D's loss", "grad D/fc1/weight")]
    [TestCase("uniform noise", "g_loss[0]")]
    [TestCase("noises swapped", "g_loss[0]")]
    public void APlantedErrorIsFound(string error, string where)
    {
        using var device = new CpuDevice(2);
        Assert.That(
            Deviations((StepsFile)GoldenFile.Read(GoldenFile.BuiltIn, "odog"), device, new Spoilt(error)), Has.Some.StartsWith(where));
    }

    [Test]
    public void OneWithoutAnErrorHasNone()
    {
        using var device = new CpuDevice(2);
        Assert.That(Deviations((StepsFile)GoldenFile.Read(GoldenFile.BuiltIn, "odog"), device, new Spoilt("nothing")), Is.Empty);
    }

    [TestCase("odog", "d_loss", 1)]
    [TestCase("odog", "g_loss", 2)]
    [TestCase("odog", "grad", "G/bn2/weight", "at", 7)]
    [TestCase("odog", "grad", "D/fc1/bias", "sum")]
    [TestCase("odog", "final", "G/bn3/running_var", "at", 3)]
    [TestCase("odog", "final", "D/fc2/bias", "at", 11)]
    [TestCase("odog", "final", "D/fc2/weight", "sum_sq")]
    [TestCase("penalties-lrelu", "r1", "value")]
    [TestCase("penalties-tanh", "wgan_gp", "grad", "D/fc1/weight", "at", 15)]
    public void AChangedNumberIsFound(string name, params object[] place)
    {
        using var device = new CpuDevice(2);
        Assert.That(Deviations(Changed(name, place), device), Has.Count.EqualTo(1));
    }

    private static GoldenFile Changed(string name, object[] place)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenFile.BuiltIn, name + ".json")))!;
        var number = place.Aggregate(root["float64"]!, (node, key) => (key is int i ? node[i] : node[(string)key])!);
        number.ReplaceWith((double)number + (3e-3 * Math.Max(1, Math.Abs((double)number))));
        return GoldenFile.Parse(root.ToJsonString());
    }

    private static List<string> Deviations(GoldenFile golden, Device device) =>
        golden is PenaltiesFile penalties
            ? GoldenPenalties.Deviations(penalties, device)
            : Deviations((StepsFile)golden, device, planted: null);

    /// <summary>Every number that is further from float64 than it may be.</summary>
    internal static List<string> Deviations(StepsFile golden, Device device, Recipe? planted)
    {
        int batch = golden.Batch, pixels = golden.Picture.Length;
        Recipe recipe = golden.Find(), trained = planted ?? recipe;
        // the device is shared
        using var stepped = new SteppedModel(trained, device, golden.Picture, seed: 0, batch: batch, classes: golden.Classes);
        var model = stepped.Model;
        GoldenInputs.Fill(model.Generator, $"{golden.Case}/G/");
        GoldenInputs.Fill(model.Discriminator, $"{golden.Case}/D/");

        var (exact, rounded) = (golden.Float64, golden.Float32);
        var wrong = new List<string>();
        var recorder = new Recorder();
        for (int step = 0; step < golden.Steps; step++)
        {
            var (low, high) = recipe.PixelRange;
            using var real = Tensor.From(
                device, new Shape(batch, pixels), GoldenInputs.Uniform($"{golden.Case}/step{step}/real", batch * pixels, low, high));
            Action<Sequential, Gradients>? see = step == 0 ? recorder.See : null;
            stepped.GradientsSeen = planted is Spoilt spoilt ? spoilt.Seen(model, see) : see;
            stepped.Noise = new HashedNoise(golden.Case, step, trained, device);
            using var labels = recipe.IsConditional ? Labels(device, $"{golden.Case}/step{step}/label", batch) : null;
            var result = labels is null ? stepped.Step(real) : stepped.Step([real, labels]);
            Near($"d_loss[{step}]", result[Metric.DiscriminatorLoss], exact.DLoss[step], wrong);
            Near($"g_loss[{step}]", result[Metric.GeneratorLoss], exact.GLoss[step], wrong);
        }

        foreach (var (name, gradient) in exact.Grad)
        {
            var network = name[0] == 'G' ? model.Generator : model.Discriminator;
            Compare($"grad {name}", recorder.Gradients[(network, GoldenName(name))], gradient, rounded.Grad[name], 0, 0, wrong);
        }
        foreach (var (name, final) in exact.Final)
        {
            bool isG = name[0] == 'G';
            var network = isG ? model.Generator : model.Discriminator;
            var own = network.Parameters.Concat(network.Statistics).Single(p => p.Name == GoldenName(name));
            float[] ours = GoldenInputs.GoldenOrder(own, own.Value);
            float rate = (isG ? recipe.GeneratorAdam : recipe.DiscriminatorAdam).LearningRate;
            bool isParameter = exact.Grad.TryGetValue(name, out var gradient); // or a running statistic, which Adam doesn't move
            int updates = isParameter ? golden.Steps * (recipe is Odog or OneDayGan && !isG ? 2 : 1) : 0;
            if (isParameter && gradient!.SumSq < 1e-20)
                // a bias just before a batch normalisation: Adam makes steps of rounding noise
                Within($"final {name}", ours, final, 2 * rate * updates, wrong);
            else
                Compare($"final {name}", ours, final, rounded.Final[name], rate, updates, wrong);
        }
        return wrong;
    }

    private static Tensor Labels(Device device, string name, int count) =>
        Tensor.From(device, new Shape(count), [.. GoldenInputs.Uniform(name, count, 0, 10).Select(MathF.Floor)]);

    /// <summary>Only the sixteen elements, to a distance.</summary>
    private static void Within(string what, float[] ours, GoldenTensor exact, double distance, List<string> wrong)
    {
        for (int k = 0; k < 16; k++)
        {
            float our = ours[(long)k * (ours.Length - 1) / 15];
            if (!(Math.Abs(our - exact.At[k]) <= distance))
                wrong.Add($"{what}: {our:R} is further than {distance:e2} from {exact.At[k]:R}");
        }
    }

    internal static string GoldenName(string name) => name[2..].Replace('/', '.');

    internal static void Near(string what, double ours, double exact, List<string> wrong)
    {
        if (!double.IsFinite(exact) || !(Math.Abs(ours - exact) <= 2e-5 * Math.Max(1, Math.Abs(exact))))
            wrong.Add($"{what}: {ours:R} is not near {exact:R}");
    }

    /// <summary>
    /// A tensor's sum, sum of squares and sixteen elements. A rate of 0 compares gradients, else final values after so many updates; 0
    /// updates: none by Adam.
    /// </summary>
    internal static void Compare(
        string what, float[] ours, GoldenTensor exact, GoldenTensor rounded, double rate, int updates, List<string> wrong)
    {
        int n = ours.Length;
        double[] at = exact.At;
        double stray = at.Zip(rounded.At, (a, b) => Math.Abs(a - b)).Max();
        double squares = exact.SumSq, size = Math.Sqrt(squares / n);
        double tolerance = (4 * stray) + (rate == 0 ? (2e-5 * size) + 1e-8 : 0.005 * rate);
        // a number changed in the file would be its own excuse; rounding strays by a hundred-thousandth in the built-in files, Adam may go
        // either way
        double believable = updates > 0 ? 2 * rate * updates : (1e-3 * size) + 1e-7;
        if (!(stray <= believable))
            wrong.Add(
                $"{what}: the file's float32 is {stray:e2} from its float64, which is more than the {believable:e2} that rounding may do");
        int missed = 0;
        for (int k = 0; k < 16; k++)
        {
            long index = (long)k * (n - 1) / 15;
            double off = Math.Abs(ours[index] - at[k]);
            if (off <= tolerance)
                continue;
            missed++;
            // Adam divides by a gradient's own size: one element whose gradient is rounding noise may go either way.
            if (rate == 0 || missed > 1 || !(off <= 2 * rate * updates))
                wrong.Add($"{what}[{index}]: {ours[index]:R} is {off:e2} from {at[k]:R}, allowed {tolerance:e2}");
        }
        double sum = ours.Sum(v => (double)v), root = Math.Sqrt(ours.Sum(v => (double)v * v));
        if (!(Math.Abs(sum - exact.Sum) <= (Math.Sqrt(n) * tolerance) + (2e-5 * Math.Abs(exact.Sum))))
            wrong.Add($"{what}: its sum {sum:R} is not near {exact.Sum:R}");
        if (!(Math.Abs(root - Math.Sqrt(squares)) <= (Math.Sqrt(n) * tolerance) + (2e-5 * Math.Sqrt(squares))))
            wrong.Add($"{what}: its norm {root:R} is not near {Math.Sqrt(squares):R}");
    }

    private sealed class HashedNoise(string label, int step, Recipe recipe, Device device) : INoiseSource, IMaskSource
    {
        public RandomStream Regularisers => throw new NotSupportedException("the recipes' own steps ask for none");

        public IMaskSource Masks => this;

        public IMaskSource MasksFor(string pass) => new HashedMasks($"{label}/step{step}", pass);

        public Tensor DrawLabels(string purpose, int count) => Labels(device, $"{label}/step{step}/{purpose}", count);

        public Tensor Draw(string purpose, int count) => Named($"{label}/step{step}/{purpose}", count);

        public Tensor Fixed(int count) => Named($"{label}/z{count}", count);

        public void Fill(Tensor mask, float keep) => mask.CopyFrom(
            [.. GoldenInputs.Uniform($"{label}/step{step}/drop", mask.Count, 0, 1).Select(u => u < keep ? 1 / keep : 0f)]);

        private Tensor Named(string name, int count)
        {
            int length = count * recipe.NoiseSize;
            return Tensor.From(
                device, new Shape(count, recipe.NoiseSize),
                recipe.UniformNoise ? GoldenInputs.Uniform(name, length, -1, 1) : GoldenInputs.Normal(name, length));
        }
    }

    /// <summary>The masks of one of a step's passes through D, numbered in its order.</summary>
    private sealed class HashedMasks(string step, string pass) : IMaskSource
    {
        private int _dropouts;

        public void Fill(Tensor mask, float keep) => mask.CopyFrom(
            [.. GoldenInputs.Uniform($"{step}/drop{++_dropouts}_{pass}", mask.Count, 0, 1).Select(u => u < keep ? 1 / keep : 0f)]);
    }

    /// <summary>The first gradients of each network, as the step applies them.</summary>
    private sealed class Recorder
    {
        public Dictionary<(Sequential Network, string Name), float[]> Gradients { get; } = [];

        public void See(Sequential network, Gradients gradients)
        {
            foreach (var parameter in network.Parameters)
                Gradients.TryAdd((network, parameter.Name), GoldenInputs.GoldenOrder(parameter, gradients[parameter].Value));
        }
    }

    /// <summary>odog with one mistake.</summary>
    private sealed class Spoilt : Odog
    {
        private readonly string _error;

        public Spoilt(string error)
        {
            _error = error;
            UniformNoise = error == "uniform noise";
            if (error == "learning rate")
                GeneratorAdam = DiscriminatorAdam = GeneratorAdam with { LearningRate = GeneratorAdam.LearningRate * 1.01f };
        }

        public override Sequential Generator(LayerFactory make, PictureShape picture)
        {
            float epsilon = _error == "batch-norm epsilon" ? 1e-5f : 1e-3f;
            var leaky = new LeakyRelu(_error == "slope" ? 0.3f : 0.2f);
            return new(
                make.Linear(NoiseSize, 256, leaky),
                make.BatchNorm(256, 0.8f, epsilon),
                make.Linear(256, 512, leaky),
                make.BatchNorm(512, 0.8f, epsilon),
                make.Linear(512, 1024, leaky),
                make.BatchNorm(1024, 0.8f, epsilon),
                make.Linear(1024, picture.Length, default(Tanh)));
        }

        /// <summary>What sees the gradients: it may change them first.</summary>
        public Action<Sequential, Gradients>? Seen(GanModel model, Action<Sequential, Gradients>? see) =>
            _error == "half of D's loss" ? (network, gradients) => Halve(model, network, gradients, see) : see;

        public override void Step(StepContext step)
        {
            var variances = step.Generator.Statistics.Where(s => s.Name.EndsWith("running_var", StringComparison.Ordinal))
                .Select(s => s.Value).ToArray();
            float[][] before = [.. variances.Select(v => v.ToArray())];
            int rows = step.Real.Shape.Rows;
            base.Step(_error == "noises swapped" ? step with { Noise = new Swapped(step.Noise) } : step);
            if (_error == "half of D's loss")
                step.Metrics[Metric.DiscriminatorLoss] = 0.5 * step.Metrics[Metric.DiscriminatorLoss];
            if (_error == "unbiased running variance")
            {
                // running = 0.8 · before + 0.2 · batch's variance, whose part should have been B / (B - 1) times that
                foreach (var (variance, old) in variances.Zip(before))
                    variance.CopyFrom([.. variance.ToArray().Zip(old, (now, was) => now + ((now - (0.8f * was)) / (rows - 1)))]);
            }
        }

        private static void Halve(GanModel model, Sequential network, Gradients gradients, Action<Sequential, Gradients>? see)
        {
            foreach (var gradient in network == model.Discriminator ? network.Parameters.Select(p => gradients[p].Value) : [])
                gradient.CopyFrom([.. gradient.ToArray().Select(v => 0.5f * v)]);
            see?.Invoke(network, gradients);
        }

        /// <summary>D's noise for G, G's for D.</summary>
        private sealed class Swapped(INoiseSource noise) : INoiseSource
        {
            public RandomStream Regularisers => noise.Regularisers;

            public IMaskSource Masks => noise.Masks;

            public Tensor Draw(string purpose, int count) => noise.Draw(purpose == "z_d" ? "z_g" : "z_d", count);

            public Tensor DrawLabels(string purpose, int count) => noise.DrawLabels(purpose, count);

            public Tensor Fixed(int count) => noise.Fixed(count);
        }
    }
}

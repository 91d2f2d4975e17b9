using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Training steps that PyTorch computed in float64 and float32, against the code that trains: losses, first gradients, final parameters. Ours may stray
/// from float64 a few times as far as PyTorch's float32 does.
/// </summary>
[TestFixture]
internal sealed class GoldenSteps
{
    private static IEnumerable<string> Files =>
        Directory.GetFiles(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!);

    private static JsonElement Load(string name) => JsonDocument.Parse(
        File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", name + ".json"))).RootElement;

    /// <summary>Every file on every device that trains.</summary>
    [Test]
    public void Golden([ValueSource(nameof(Files))] string name, [ValueSource(typeof(Engine), nameof(Engine.Trainers))] Engine engine)
    {
        Assert.That(Deviations(Load(name), engine.Device), Is.Empty);
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

    [TestCase("batch-norm epsilon")]
    [TestCase("slope")]
    [TestCase("learning rate")]
    [TestCase("a number in the file")]
    public void APlantedErrorIsFound(string error)
    {
        using var device = new CpuDevice(2);
        var golden = Load("odog");
        if (error == "a number in the file")
        {
            string text = golden.GetRawText();
            string loss = golden.GetProperty("float64").GetProperty("d_loss")[0].GetRawText();
            golden = JsonDocument.Parse(text.Replace(loss, (golden.GetProperty("float64").GetProperty("d_loss")[0].GetDouble() + 1e-3).ToString("R"))).RootElement;
        }
        Assert.That(Deviations(golden, device, error), Is.Not.Empty);
    }

    /// <summary>Every number that is further from float64 than it may be.</summary>
    private static List<string> Deviations(JsonElement golden, Device device, string? planted = null)
    {
        string label = golden.GetProperty("case").GetString()!;
        int batch = golden.GetProperty("batch").GetInt32(), steps = golden.GetProperty("steps").GetInt32();
        var recipe = RecipeBook.Find(golden.GetProperty("recipe").GetString()!, golden.GetProperty("as_written").GetBoolean());
        int pixels = golden.GetProperty("dataset").GetString() == "cifar10" ? 3072 : 784;
        var planner = planted is null or "a number in the file" ? recipe : new Spoilt(planted);
        var model = new GanModel(
            planner, device, pixels, seed: 0, planted == "learning rate" ? recipe.GeneratorAdam.LearningRate * 1.01f : null, batch);
        Fill(model.Generator, $"{label}/G/");
        Fill(model.Discriminator, $"{label}/D/");

        var exact = golden.GetProperty("float64");
        var rounded = golden.GetProperty("float32");
        var wrong = new List<string>();
        var recorder = new Recorder();
        for (int step = 0; step < steps; step++)
        {
            var (low, high) = recipe.PixelRange;
            using var real = Tensor.From(device, new Shape(batch, pixels), GoldenInputs.Uniform($"{label}/step{step}/real", batch * pixels, low, high));
            model.GradientsSeen = step == 0 ? recorder.See : null;
            var result = recipe.Step(model, real, new HashedNoise(label, step, recipe, device)).Resolve();
            Near($"d_loss[{step}]", result.DiscriminatorLoss, exact.GetProperty("d_loss")[step].GetDouble(), wrong);
            Near($"g_loss[{step}]", result.GeneratorLoss, exact.GetProperty("g_loss")[step].GetDouble(), wrong);
        }

        foreach (var parameter in exact.GetProperty("grad").EnumerateObject())
        {
            var network = parameter.Name[0] == 'G' ? model.Generator : model.Discriminator;
            var ours = recorder.Gradients[(network, GoldenName(parameter.Name))];
            Compare($"grad {parameter.Name}", ours, parameter.Value, rounded.GetProperty("grad").GetProperty(parameter.Name), 0, 0, wrong);
        }
        foreach (var parameter in exact.GetProperty("final").EnumerateObject())
        {
            bool isG = parameter.Name[0] == 'G';
            var network = isG ? model.Generator : model.Discriminator;
            var value = network.Parameters.Concat(network.Statistics).Single(p => p.Name == GoldenName(parameter.Name)).Value;
            float rate = (isG ? recipe.GeneratorAdam : recipe.DiscriminatorAdam).LearningRate;
            int updates = steps * (recipe.Name == "odog" && !isG ? 2 : 1);
            if (exact.GetProperty("grad").TryGetProperty(parameter.Name, out var gradient) && gradient.GetProperty("sum_sq").GetDouble() < 1e-20)
            {
                Within(parameter, value, 2 * rate * updates, wrong); // a bias just before a batch normalisation: Adam makes steps of rounding noise
                continue;
            }
            Compare(
                $"final {parameter.Name}", GoldenInputs.GoldenOrder(value), parameter.Value,
                rounded.GetProperty("final").GetProperty(parameter.Name), rate, updates, wrong);
        }
        foreach (var network in (Sequential[])[model.Generator, model.Discriminator])
        {
            foreach (var parameter in network.Parameters.Concat(network.Statistics))
                parameter.Value.Dispose(); // the device is shared
        }
        return wrong;
    }

    /// <summary>Only the sixteen elements, to a distance.</summary>
    private static void Within(JsonProperty parameter, Tensor value, double distance, List<string> wrong)
    {
        float[] ours = GoldenInputs.GoldenOrder(value);
        for (int k = 0; k < 16; k++)
        {
            double exact = parameter.Value.GetProperty("at")[k].GetDouble();
            float our = ours[(long)k * (ours.Length - 1) / 15];
            if (!(Math.Abs(our - exact) <= distance))
                wrong.Add($"final {parameter.Name}: {our:R} is further than {distance:e2} from {exact:R}");
        }
    }

    internal static string GoldenName(string name) => name[2..].Replace('/', '.');

    internal static void Fill(Sequential network, string prefix)
    {
        foreach (var parameter in network.Parameters)
        {
            string name = prefix + parameter.Name.Replace('.', '/');
            var shape = parameter.Value.Shape;
            bool isNorm = parameter.Name.StartsWith("bn", StringComparison.Ordinal), isBias = parameter.Name.EndsWith("bias", StringComparison.Ordinal);
            if (shape.Rank == 2)
            {
                double bound = Math.Sqrt(6.0 / (shape[0] + shape[1]));
                parameter.Value.CopyFrom(GoldenInputs.Transpose(GoldenInputs.Uniform(name, shape.Count, -bound, bound), shape[1], shape[0]));
            }
            else
            {
                var (low, high) = (isNorm, isBias) switch { (true, false) => (0.8, 1.2), (true, true) => (-0.1, 0.1), _ => (-0.05, 0.05) };
                parameter.Value.CopyFrom(GoldenInputs.Uniform(name, shape.Count, low, high));
            }
        }
    }

    internal static void Near(string what, double ours, double exact, List<string> wrong)
    {
        if (!(Math.Abs(ours - exact) <= 2e-5 * Math.Max(1, Math.Abs(exact))))
            wrong.Add($"{what}: {ours:R} is not near {exact:R}");
    }

    /// <summary>A tensor's sum, sum of squares and sixteen elements; a rate of 0 compares gradients, else final values.</summary>
    internal static void Compare(string what, float[] ours, JsonElement exact, JsonElement rounded, double rate, int updates, List<string> wrong)
    {
        int n = ours.Length;
        var at = exact.GetProperty("at").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var at32 = rounded.GetProperty("at").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        double stray = at.Zip(at32, (a, b) => Math.Abs(a - b)).Max();
        double squares = exact.GetProperty("sum_sq").GetDouble();
        double tolerance = (4 * stray) + (rate == 0 ? (2e-5 * Math.Sqrt(squares / n)) + 1e-8 : 0.005 * rate);
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
        double exactSum = exact.GetProperty("sum").GetDouble();
        if (!(Math.Abs(sum - exactSum) <= (Math.Sqrt(n) * tolerance) + (2e-5 * Math.Abs(exactSum))))
            wrong.Add($"{what}: its sum {sum:R} is not near {exactSum:R}");
        if (!(Math.Abs(root - Math.Sqrt(squares)) <= (Math.Sqrt(n) * tolerance) + (2e-5 * Math.Sqrt(squares))))
            wrong.Add($"{what}: its norm {root:R} is not near {Math.Sqrt(squares):R}");
    }

    private sealed class HashedNoise(string label, int step, Recipe recipe, Device device) : INoiseSource, IMaskSource
    {
        public RandomStream Regularisers => throw new NotSupportedException("the recipes' own steps ask for none");

        public IMaskSource Masks => this;

        public Tensor Draw(string purpose, int count) => Named($"{label}/step{step}/{purpose}", count);

        public Tensor Fixed(int count) => Named($"{label}/z{count}", count);

        public void Fill(Tensor mask, float keep) => mask.CopyFrom(
            [.. GoldenInputs.Uniform($"{label}/step{step}/drop", mask.Count, 0, 1).Select(u => u < keep ? 1 / keep : 0f)]);

        private Tensor Named(string name, int count)
        {
            int length = count * recipe.NoiseSize;
            return Tensor.From(
                device, new Shape(count, recipe.NoiseSize), recipe.UniformNoise ? GoldenInputs.Uniform(name, length, -1, 1) : GoldenInputs.Normal(name, length));
        }
    }

    /// <summary>The first gradients of each network, as the step applies them.</summary>
    private sealed class Recorder
    {
        public Dictionary<(Sequential Network, string Name), float[]> Gradients { get; } = [];

        public void See(Sequential network, Gradients gradients)
        {
            foreach (var parameter in network.Parameters)
                Gradients.TryAdd((network, parameter.Name), GoldenInputs.GoldenOrder(gradients[parameter].Value));
        }
    }

    /// <summary>odog with one mistake.</summary>
    private sealed class Spoilt(string error) : Odog
    {
        public override Sequential Generator(LayerFactory make, int pixels)
        {
            float epsilon = error == "batch-norm epsilon" ? 1e-5f : 1e-3f;
            var leaky = new LeakyRelu(error == "slope" ? 0.3f : 0.2f);
            return new(
                make.Linear(NoiseSize, 256, leaky),
                make.BatchNorm(256, 0.8f, epsilon),
                make.Linear(256, 512, leaky),
                make.BatchNorm(512, 0.8f, epsilon),
                make.Linear(512, 1024, leaky),
                make.BatchNorm(1024, 0.8f, epsilon),
                make.Linear(1024, pixels, default(Tanh)));
        }
    }
}

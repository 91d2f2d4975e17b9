using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Gradient penalties (WGAN-GP, Gulrajani et al., 2017; R1, Mescheder et al., 2018) of a whole discriminator, and their gradients: second derivatives,
/// against those of PyTorch 1.13.
/// </summary>
[TestFixture]
internal sealed class GoldenPenalties
{
    private const int Pixels = 784;

    [Test]
    public void Golden(
        [Values("penalties-lrelu", "penalties-tanh")] string name, [Values("wgan_gp", "r1")] string penalty,
        [ValueSource(typeof(Engine), nameof(Engine.Trainers))] Engine engine) =>
        Assert.That(Deviations(name, penalty, engine.Device, spoilt: false), Is.Empty);

    [Test]
    public void APlantedErrorIsFound([Values("wgan_gp", "r1")] string penalty)
    {
        using var device = new CpuDevice(2);
        Assert.That(Deviations("penalties-lrelu", penalty, device, spoilt: true), Is.Not.Empty, "a slope of 0.21 for 0.2");
        Assert.That(Deviations("penalties-tanh", penalty, device, spoilt: true), Is.Not.Empty, "a gradient that is a constant to the second derivative");
    }

    private static List<string> Deviations(string name, string penalty, Device device, bool spoilt)
    {
        var golden = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "penalties", name + ".json"))).RootElement;
        string label = golden.GetProperty("case").GetString()!;
        int batch = golden.GetProperty("batch").GetInt32();
        var make = new LayerFactory(device, Init.GlorotUniform, new RandomStream(0, 0));
        var d = golden.GetProperty("activation").GetString() switch
        {
            "lrelu" => Network(make, new LeakyRelu(spoilt ? 0.21f : 0.2f)),
            "tanh" when spoilt => Network(make, default(BluntTanh)),
            "tanh" => Network(make, default(Tanh)),
            var other => throw new NotSupportedException(other),
        };
        GoldenSteps.Fill(d, $"{label}/D/");

        float[] points = GoldenInputs.Uniform($"{label}/real", batch * Pixels, -1, 1);
        if (penalty == "wgan_gp")
        {
            float[] fake = GoldenInputs.Uniform($"{label}/fake", batch * Pixels, -1, 1), alpha = GoldenInputs.Uniform($"{label}/alpha", batch, 0, 1);
            for (int i = 0; i < points.Length; i++)
                points[i] = (float)((alpha[i / Pixels] * (double)points[i]) + ((1.0 - alpha[i / Pixels]) * fake[i]));
        }
        using var x = Tensor.From(device, new Shape(batch, Pixels), points);
        using var tape = new Tape(device);
        var value = Penalty(d, tape.Variable(x), penalty);
        var gradients = tape.Gradients(value, d.ParameterArray);

        var wrong = new List<string>();
        var exact = golden.GetProperty("float64").GetProperty(penalty);
        var rounded = golden.GetProperty("float32").GetProperty(penalty).GetProperty("grad");
        GoldenSteps.Near(penalty, value.Item(), exact.GetProperty("value").GetDouble(), wrong);
        foreach (var parameter in exact.GetProperty("grad").EnumerateObject())
        {
            var target = d.Parameters.Single(p => p.Name == GoldenSteps.GoldenName(parameter.Name));
            GoldenSteps.Compare(
                parameter.Name, GoldenInputs.GoldenOrder(gradients[target].Value), parameter.Value, rounded.GetProperty(parameter.Name), 0, 0, wrong);
        }
        return wrong;
    }

    /// <summary>A penalty on D's slope at x, as training has it: `wgan_gp` or `r1`.</summary>
    internal static Var Penalty(Sequential d, Var x, string name)
    {
        var slope = Penalties.Slopes([d.Forward(x, Pass.Inference)], [x])[x];
        return name == "r1" ? Penalties.ZeroCentred(slope) : Penalties.OneCentred(slope);
    }

    private static Sequential Network<F>(LayerFactory make, F activation)
        where F : struct, IActivation => new(make.Linear(Pixels, 512, activation), make.Linear(512, 256, activation), make.Linear(256, 1));

    /// <summary>A tanh whose second derivative has lost a factor.</summary>
    private readonly record struct BluntTanh : IActivation
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Tanh(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => (V.Of(1f) - V.Abs(y)) * dy;
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Gradient penalties (WGAN-GP, Gulrajani et al., 2017; R1, Mescheder et al., 2018) of a whole discriminator, and their gradients: second
/// derivatives, against those of PyTorch 1.13.
/// </summary>
[TestFixture]
[Quick]
internal sealed class GoldenPenalties
{
    private const int Pixels = 784;

    [Test]
    public void APlantedErrorIsFound([Values("wgan_gp", "r1")] string penalty)
    {
        using var device = new CpuDevice(2);
        Assert.That(Spoilt("penalties-lrelu"), Has.Some.StartsWith(penalty), "a slope of 0.21 for 0.2");
        Assert.That(Spoilt("penalties-tanh"), Has.Some.StartsWith(penalty), "a gradient that is a constant to the second derivative");
        Assert.That(Spoilt("penalties-conv-lrelu"), Has.Some.StartsWith(penalty), "a slope of 0.21 for 0.2");
        Assert.That(Spoilt("penalties-conv-tanh"), Has.Some.StartsWith(penalty), "a gradient that is a constant to the second derivative");

        List<string> Spoilt(string name) => Deviations((PenaltiesFile)GoldenFile.Read(GoldenFile.BuiltIn, name), device, spoilt: true);
    }

    /// <summary>Every number of both penalties that is further from float64 than it may be.</summary>
    public static List<string> Deviations(PenaltiesFile golden, Device device, bool spoilt = false)
    {
        var make = new LayerFactory(device, Init.GlorotUniform, new RandomStream(0, 0));
        bool isConv = golden.Network == "conv";
        var d = golden.Activation switch
        {
            "lrelu" => Network(make, new LeakyRelu(spoilt ? 0.21f : 0.2f), isConv),
            "tanh" when spoilt => Network(make, default(BluntTanh), isConv),
            "tanh" => Network(make, default(Tanh), isConv),
            _ => Network(make, default(Sigmoid), isConv),
        };
        GoldenInputs.Fill(d, $"{golden.Case}/D/");
        var wrong = new List<string>();
        float[] real = GoldenInputs.Uniform($"{golden.Case}/real", golden.Batch * Pixels, -1, 1);
        Compare("wgan_gp", d, device, Between(golden, real), golden.Float64.WganGp, golden.Float32.WganGp, wrong);
        Compare("r1", d, device, real, golden.Float64.R1, golden.Float32.R1, wrong);
        foreach (var parameter in d.Parameters)
            parameter.Value.Dispose(); // the device is shared
        return wrong;
    }

    private static void Compare(
        string penalty,
        Sequential d,
        Device device,
        float[] points,
        PenaltiesFile.Penalty exact,
        PenaltiesFile.Penalty rounded,
        List<string> wrong)
    {
        using var x = Tensor.From(device, new Shape(points.Length / Pixels, Pixels), points);
        using var tape = new Tape(device);
        var value = Penalty(d, tape.Variable(x), penalty);
        var gradients = tape.Gradients(value, d.ParameterArray);
        GoldenSteps.Near(penalty, value.Item(), exact.Value, wrong);
        foreach (var (name, gradient) in exact.Grad)
        {
            var parameter = d.Parameters.Single(p => p.Name == GoldenSteps.GoldenName(name));
            float[] ours = GoldenInputs.GoldenOrder(parameter, gradients[parameter].Value);
            GoldenSteps.Compare($"{penalty} grad {name}", ours, gradient, rounded.Grad[name], 0, 0, wrong);
        }
    }

    /// <summary>alpha · real + (1 - alpha) · fake, an alpha for each row.</summary>
    private static float[] Between(PenaltiesFile golden, float[] real)
    {
        float[] fake = GoldenInputs.Uniform($"{golden.Case}/fake", real.Length, -1, 1);
        float[] alpha = GoldenInputs.Uniform($"{golden.Case}/alpha", golden.Batch, 0, 1);
        return [.. real.Select((r, i) => (float)((alpha[i / Pixels] * (double)r) + ((1.0 - alpha[i / Pixels]) * fake[i])))];
    }

    /// <summary>A penalty on D's slope at x, as training has it: `wgan_gp` or `r1`.</summary>
    internal static Var Penalty(Sequential d, Var x, string name)
    {
        var slope = Penalties.InputGradients([d.Forward(x, Pass.Inference)], [x])[x];
        return name == "r1" ? Penalties.ZeroCentred(slope) : Penalties.OneCentred(slope);
    }

    private static Sequential Network<F>(LayerFactory make, F activation, bool isConv)
        where F : struct, IActivation => isConv
            ? new(
                Reshape.ToPictures(28, 28, 1),
                make.Conv2d(1, 32, Window.Same(3, 2, 28, 28), activation),
                make.Conv2d(32, 64, Window.Same(3, 2, 14, 14), activation),
                Reshape.Flatten(7, 7, 64),
                make.Linear(7 * 7 * 64, 1))
            : new(make.Linear(Pixels, 512, activation), make.Linear(512, 256, activation), make.Linear(256, 1));

    /// <summary>A tanh whose second derivative has lost a factor.</summary>
    private readonly record struct BluntTanh : IActivation
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Tanh(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => (V.Of(1f) - V.Abs(y)) * dy;
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class InitTests
{
    private const int Inputs = 300, Outputs = 200;

    [Test]
    public void GlorotUniform()
    {
        double bound = Math.Sqrt(6.0 / (Inputs + Outputs));
        var (weight, bias) = Draw(Init.GlorotUniform);
        Assert.Multiple(() =>
        {
            Assert.That(weight.Max(Math.Abs), Is.LessThanOrEqualTo(bound * (1 + 1e-6)).And.GreaterThan(0.999 * bound));
            Moments(weight, bound / Math.Sqrt(3), fourth: 9.0 / 5);
            Assert.That(bias, Is.All.Zero);
        });
    }

    [Test]
    public void HeUniform()
    {
        double bound = Math.Sqrt(6 / (1.04 * Inputs));
        var (weight, bias) = Draw(Init.HeUniform(0.2f));
        Assert.Multiple(() =>
        {
            Assert.That(weight.Max(Math.Abs), Is.LessThanOrEqualTo(bound * (1 + 1e-6)).And.GreaterThan(0.999 * bound));
            Moments(weight, bound / Math.Sqrt(3), fourth: 9.0 / 5);
            Assert.That(bias, Is.All.Zero);
        });
    }

    /// <summary>Normal numbers keep their mean square through any layer: a transposed convolution's sums have fewer taps.</summary>
    [Test]
    public void HeKeepsTheSizeOfWhatPassesALayer()
    {
        using var device = new CpuDevice(1);
        var make = new LayerFactory(device, Init.HeUniform(0.2f), new RandomStream(1, 5));
        var window = Window.Padded(4, 2, 1);
        foreach (var layer in (Module[])
            [make.Linear(64, 600), make.Conv2d(32, 64, window, default(Identity)), make.ConvTranspose2d(32, 24, window, default(Identity))])
        {
            using var tape = new Tape(device);
            var shape = layer.NamePrefix == "fc" ? new Shape(40, 64) : new Shape(8, 16, 16, 32);
            using var x = new Tensor(device, shape);
            RandomNumbers.Normal(new RandomStream(2, 2), 0f, 1f, x);
            float[] y = layer.Forward(tape.Constant(x), Pass.Inference).Value.ToArray();
            double square = y.Average(value => (double)value * value), edges = layer.NamePrefix == "fc" ? 0 : 0.15;
            Assert.That(square, Is.EqualTo(2 / 1.04).Within(2 * (edges + 0.06)), layer.Description);
        }
    }

    [Test]
    public void Uniform()
    {
        var (weight, bias) = Draw(Init.Uniform(0.05f));
        Assert.Multiple(() =>
        {
            Assert.That(weight.Max(Math.Abs), Is.LessThanOrEqualTo(0.05).And.GreaterThan(0.0499));
            Moments(weight, 0.05 / Math.Sqrt(3), fourth: 9.0 / 5);
            Assert.That(bias, Is.All.Zero);
        });
    }

    [Test]
    public void Normal()
    {
        var (weight, bias) = Draw(Init.Normal(0.02f));
        Assert.Multiple(() =>
        {
            Moments(weight, 0.02, fourth: 3);
            Assert.That(weight.Max(Math.Abs), Is.GreaterThan(0.07), "60,000 normal numbers reach past 3.5 deviations");
            Assert.That(bias, Is.All.Zero);
        });
    }

    [Test]
    public void TruncatedNormal()
    {
        var (weight, bias) = Draw(Init.TruncatedNormal(0.02f));
        const double Share = 0.8796256610342398; // the deviation of a normal distribution cut at two deviations
        Assert.Multiple(() =>
        {
            Moments(weight, 0.02 * Share, fourth: 2.3651);
            Assert.That(weight.Max(Math.Abs), Is.LessThanOrEqualTo(0.04 * (1 + 1e-5)).And.GreaterThan(0.0395));
            Assert.That(bias.Max(Math.Abs), Is.LessThanOrEqualTo(0.04).And.GreaterThan(0.01), "biases too");
        });
    }

    [Test]
    public void TheSameStreamDrawsTheSame()
    {
        float[] first = Draw(Init.GlorotUniform).Weight;
        Assert.That(Draw(Init.GlorotUniform).Weight, Is.EqualTo(first));
        Assert.That(Draw(Init.TruncatedNormal(0.02f), 2).Weight, Is.Not.EqualTo(Draw(Init.TruncatedNormal(0.02f)).Weight));
    }

    [Test]
    public void Descriptions() => Assert.That(
        new[] { Init.GlorotUniform, Init.Uniform(0.05f), Init.Normal(0.02f), Init.TruncatedNormal(0.5f) }.Select(init => init.ToString()),
        Is.EqualTo(new[]
        {
            "Glorot uniform, biases 0", "uniform in ±0.05, biases 0", "normal(0, 0.02), biases 0", "truncated normal(0, 0.5), biases too",
        }));

    /// <summary>Mean 0, the deviation, and the fourth moment in units of it, each within five deviations of its estimate.</summary>
    private static void Moments(float[] values, double deviation, double fourth)
    {
        double n = values.Length, mean = values.Average(v => (double)v), square = values.Average(v => (double)v * v);
        double kurtosis = values.Average(v => Math.Pow(v, 4)) / (square * square);
        Assert.That(mean, Is.Zero.Within(5 * deviation / Math.Sqrt(n)));
        Assert.That(Math.Sqrt(square), Is.EqualTo(deviation).Within(5 * deviation * Math.Sqrt((fourth - 1) / n) / 2));
        Assert.That(kurtosis, Is.EqualTo(fourth).Within(0.03 * fourth));
    }

    private static (float[] Weight, float[] Bias) Draw(Init init, uint stream = 1)
    {
        using var device = new CpuDevice(1);
        var random = new RandomStream(1, stream);
        using var weight = new Tensor(device, new Shape(Inputs, Outputs));
        using var bias = Tensor.Filled(device, new Shape(Outputs), 9f);
        init.Weight(weight, random, Inputs);
        init.Bias(bias, random);
        return (weight.ToArray(), bias.ToArray());
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Spectral normalisation of convolutions, whose weight is a matrix with a row for each tap of an input channel.</summary>
[TestFixture]
[Quick]
internal sealed class SpectralNormTests
{
    private static readonly Window Halves = Window.Padded(4, 2, 1);

    /// <summary>By the root of the largest eigenvalue of wᵀ·w, after a thousand products with it.</summary>
    internal static double LargestSingularValue(float[] w, int columns)
    {
        double[] u = [.. Enumerable.Repeat(1.0, columns)];
        double length = 0;
        for (int i = 0; i < 1000; i++)
        {
            double[] v =
            [
                .. Enumerable.Range(0, w.Length / columns).Select(r => Enumerable.Range(0, columns).Sum(c => w[(r * columns) + c] * u[c]))
            ];
            u = [.. Enumerable.Range(0, columns).Select(c => Enumerable.Range(0, v.Length).Sum(r => w[(r * columns) + c] * v[r]))];
            length = Math.Sqrt(u.Sum(x => x * x));
            u = [.. u.Select(x => x / length)];
        }
        return Math.Sqrt(length);
    }

    /// <summary>After enough iterations the layer is that of the weight over its largest singular value.</summary>
    [Test]
    public void AConvolutionIsDividedByItsLargestSingularValue([Values] bool transposed)
    {
        using var device = new CpuDevice(1);
        Module bound = Layer(device, transposed, isBound: true), plain = Layer(device, transposed, isBound: false);
        var weight = bound.Parameters[0].Value;
        Assert.That(plain.Parameters[0].Value.ToArray(), Is.EqualTo(weight.ToArray()), "the weights are the same without it");
        for (int i = 0; i < 100; i++)
            bound.Updated();
        double largest = LargestSingularValue(weight.ToArray(), weight.Shape.Columns);
        using var tape = new Tape(device);
        var x = tape.Own(Numbers.Some(device, new Shape(2, 6, 4, 3), seed: 7));
        float[] y = bound.Forward(x, Pass.Inference).Value.ToArray(), other = plain.Forward(x, Pass.Inference).Value.ToArray();
        Numbers.AssertClose(y, [.. other.Select(value => value / largest)], 1e-4, "the output");
        Assert.That(largest, Is.Not.EqualTo(1).Within(0.05), "or nothing was divided");
    }

    /// <summary>With the vectors held, as between two updates: by the weight, the bias and the pictures, once and twice.</summary>
    [Test]
    public void ItsGradientsAreThoseOfDifferences([Values] bool transposed)
    {
        using var device = new CpuDevice(1);
        var layer = Layer(device, transposed, isBound: true);
        var pictures = new Parameter("x", Numbers.Some(device, new Shape(2, 6, 4, 3), seed: 7));
        Parameter[] targets = [.. layer.Parameters, pictures];
        Var Function(Tape tape) => layer.Forward(tape.Use(pictures), Pass.Inference).Square();
        var first = GradCheck.First(device, targets, Function);
        Assert.That(first.Passed, $"{first}");
        var second = GradCheck.Second(device, targets, Function);
        Assert.That(second.Passed, $"{second}");
    }

    private static Module Layer(Device device, bool transposed, bool isBound)
    {
        var make = new LayerFactory(device, Init.HeUniform(0.2f), new RandomStream(1, 1), isBound ? new RandomStream(1, 2) : null);
        return transposed
            ? make.ConvTranspose2d(3, 5, Halves, default(Identity))
            : make.Conv2d(3, 5, Halves, default(Identity));
    }
}

using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Convolutions on the processor equal the definition's loops to the bit, for every number of threads.</summary>
[Category(InstructionSets.EveryWidth)]
public class ConvolutionTests
{
    private static ConvolutionCase[] Cases => [.. ConvolutionCase.Odd, .. ConvolutionCase.Large];

    [TestCaseSource(nameof(Cases))]
    public void IsTheDefinition(ConvolutionCase it)
    {
        var (x, w, dy) = (Numbers.Some(it.Pictures.Count, 1), Numbers.Some(it.Kernel.Count, 2), Numbers.Some(it.Result.Count, 3));
        float[] before = Numbers.Some(it.Kernel.Count, 4);
        float[] y = NaiveConvolution.Forward(x, it.Pictures, w, it.Window, it.Result);
        float[] dx = NaiveConvolution.Transposed(dy, it.Result, w, it.Window, it.Pictures);
        float[] dw = NaiveConvolution.KernelGradient(x, it.Pictures, dy, it.Result, it.Window);
        float[] more = NaiveConvolution.KernelGradient(x, it.Pictures, dy, it.Result, it.Window, before);
        foreach (int threads in new[] { 1, 2, 3, 7 })
        {
            using var device = new CpuDevice(threads);
            using Tensor tx = Tensor.From(device, it.Pictures, x), tw = Tensor.From(device, it.Kernel, w);
            using var tdy = Tensor.From(device, it.Result, dy);
            using Tensor ty = Unwritten(device, it.Result), tdx = Unwritten(device, it.Pictures), tdw = Unwritten(device, it.Kernel);
            using var tmore = Tensor.From(device, it.Kernel, before);
            Convolution.Run(tx, tw, it.Window, transposed: false, ty);
            Convolution.Run(tdy, tw, it.Window, transposed: true, tdx);
            Convolution.KernelGradient(tx, tdy, it.Window, tdw);
            Convolution.KernelGradient(tx, tdy, it.Window, tmore, accumulates: true);
            Assert.Multiple(() =>
            {
                Numbers.AssertSame(ty.ToArray(), y, "forward");
                Numbers.AssertSame(tdx.ToArray(), dx, "transposed");
                Numbers.AssertSame(tdw.ToArray(), dw, "kernel's gradient");
                Numbers.AssertSame(tmore.ToArray(), more, "kernel's gradient, added");
            });
        }
    }

    /// <summary>An infinite weight shows where zeros are multiplied: with few columns, too, where taps are added up.</summary>
    [Test]
    public void ZerosAtTheEdgeAreMultiplied([Values(1, 3, 20)] int outputs, [Values] bool transposed)
    {
        var window = Window.Padded(3, 1, 1);
        Shape pictures = new(2, 5, 4, 6), result = new(2, 5, 4, outputs);
        Shape kernel = transposed ? new(3, 3, outputs, 6) : new(3, 3, 6, outputs);
        float[] x = Numbers.Some(pictures.Count, 1), w = Numbers.Some(kernel.Count, 2);
        w[0] = float.PositiveInfinity;
        using var device = new CpuDevice(1);
        using Tensor tx = Tensor.From(device, pictures, x), tw = Tensor.From(device, kernel, w);
        using var y = Unwritten(device, result);
        Convolution.Run(tx, tw, window, transposed, y);
        float[] wanted = transposed
            ? NaiveConvolution.Transposed(x, pictures, w, window, result)
            : NaiveConvolution.Forward(x, pictures, w, window, result);
        Assert.That(wanted, Has.Some.NaN.And.Some.Matches<float>(value => !float.IsNaN(value)));
        Numbers.AssertSame(y.ToArray(), wanted, "with infinity");
    }

    /// <summary>The same of an infinite slope at a corner: taps that reach beyond the edge there have products with zeros.</summary>
    [Test]
    public void ZerosAtTheEdgeAreMultipliedByTheResultsGradient([Values(1, 3, 20)] int outputs, [Values(6, 16)] int channels)
    {
        var window = Window.Padded(4, 2, 1);
        Shape pictures = new(2, 6, 4, channels), result = window.OutputShape(pictures, outputs);
        float[] x = Numbers.Some(pictures.Count, 1), dy = Numbers.Some(result.Count, 2);
        dy[0] = float.PositiveInfinity;
        using var device = new CpuDevice(1);
        using Tensor tx = Tensor.From(device, pictures, x), tdy = Tensor.From(device, result, dy);
        using var dw = Unwritten(device, new Shape(4, 4, channels, outputs));
        Convolution.KernelGradient(tx, tdy, window, dw);
        float[] wanted = NaiveConvolution.KernelGradient(x, pictures, dy, result, window);
        Assert.That(wanted, Has.Some.NaN.And.Some.Matches<float>(float.IsInfinity));
        Numbers.AssertSame(dw.ToArray(), wanted, "with infinity");
    }

    [TestCaseSource(nameof(Cases))]
    public void BiasAndActivationAreThoseOfTheirOwnKernels(ConvolutionCase it)
    {
        var f = new LeakyRelu(0.2f);
        using var device = new CpuDevice(2);
        foreach (bool transposed in new[] { false, true })
        {
            var (from, to) = transposed ? (it.Result, it.Pictures) : (it.Pictures, it.Result);
            using Tensor x = Numbers.Some(device, from, 1), w = Numbers.Some(device, it.Kernel, 2);
            using var bias = Numbers.Some(device, new Shape(to[3]), 3);
            using Tensor plain = new(device, to), layer = Unwritten(device, to), z = Unwritten(device, to);
            Convolution.Run(x, w, it.Window, transposed, plain);
            Convolution.Layer(x, w, bias, f, it.Window, transposed, layer);
            Convolution.Backward(x, w, it.Window, transposed, f, layer, z);
            float[] sums = plain.ToArray(), biases = bias.ToArray(), y = layer.ToArray(), slopes = z.ToArray();
            float[] activated = [.. sums.Select((sum, i) => f.Forward(new Scalar(sum + biases[i % to[3]])).Value)];
            float[] back = [.. sums.Select((sum, i) => f.Backward(new Scalar(y[i]), new Scalar(y[i]), new Scalar(sum)).Value)];
            Numbers.AssertSame(y, activated, "bias and activation");
            Numbers.AssertSame(slopes, back, "slope");
        }
    }

    [TestCase(28, 2, 0, 1)]
    [TestCase(9, 2, 1, 1)]
    [TestCase(28, 1, 1, 1)]
    [TestCase(1, 2, 1, 1)]
    public void SamePadsAsKerasDoes(int extent, int stride, int before, int after)
    {
        var window = Window.Same(3, stride, extent, extent);
        Assert.That((window.Top, window.Bottom, window.Left, window.Right), Is.EqualTo((before, after, before, after)));
        Assert.That(window.OutputShape(new Shape(1, extent, extent, 1), 1)[1], Is.EqualTo((extent + stride - 1) / stride));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using var device = new CpuDevice(1);
        using Tensor x = new(device, new Shape(1, 4, 4, 2)), w = new(device, new Shape(3, 3, 2, 5)), y = new(device, new Shape(1, 4, 4, 5));
        using Tensor other = new(device, new Shape(3, 3, 3, 5)), flat = new(device, new Shape(16, 2));
        var same = Window.Same(3, 1, 4, 4);
        Assert.Multiple(() =>
        {
            Refused(() => Convolution.Run(x, w, new Window(3, 3), false, y), "not [1,4,4,5]");
            Refused(() => Convolution.Run(x, other, same, false, y), "3 channels");
            Refused(() => Convolution.Run(flat, w, same, false, y), "no pictures");
            Refused(() => Convolution.Run(x, w, Window.Same(5, 1, 4, 4), false, y), "kernel");
            Refused(() => new Window(7, 7).OutputShape(x.Shape, 1), "fits nowhere");
            Refused(() => new Window(3, 3, 0).OutputShape(x.Shape, 1), "no meaning");
            Refused(() => Window.Padded(1, 1, 2).TransposedShape(x.Shape, 1), "leaves nothing");
        });
    }

    private static void Refused(Action call, string word) => Numbers.AssertRefused(call, "Convolution", word);

    private static Tensor Unwritten(Device device, Shape shape) => Tensor.Filled(device, shape, float.NaN);
}

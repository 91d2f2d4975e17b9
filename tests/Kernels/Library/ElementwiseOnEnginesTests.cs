using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Elementwise kernels against a loop on the host, on every engine. A formula is multiply-adds, quotients and roots, each rounded once
/// wherever it runs, so the bits are the same.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class ElementwiseOnEnginesTests(Engine engine)
{
    /// <summary>Nothing, one, around a group of 256 threads, and a prime.</summary>
    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1021];

    private static readonly (int Rows, int Columns)[] Matrices = [(0, 5), (5, 0), (1, 1), (1, 257), (5, 51), (2, 128), (7, 37), (257, 1)];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void MapIsTheFormulaOfEachElement([ValueSource(nameof(Lengths))] int length) => CheckMap(Numbers.Some(length, seed: 1));

    [Test]
    public void MapOfNumbersAtTheEndsOfTheirRange() => CheckMap(Sweep.Special);

    [Test]
    public void MapBackwardIsTheDerivativeTimesDy([ValueSource(nameof(Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Some(_device, new Shape(length), seed: 2);
        using var dy = Numbers.Some(_device, new Shape(length), seed: 3);
        using var dx = Numbers.Unwritten(_device, length);
        Elementwise.MapBackward(new Everything(), x, y, dy, dx);
        float[] xs = x.ToArray(), ys = y.ToArray(), dys = dy.ToArray(), want = new float[length];
        for (int i = 0; i < length; i++)
            want[i] = new Everything().Backward(new Scalar(xs[i]), new Scalar(ys[i]), new Scalar(dys[i])).Value;
        Numbers.AssertSame(dx.ToArray(), want, "MapBackward");
    }

    [Test]
    public void MapSecondIsTheSecondDerivative([ValueSource(nameof(Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(_device, length);
        using var dy = Numbers.Some(_device, new Shape(length), seed: 3);
        using var ddx = Numbers.Some(_device, new Shape(length), seed: 4);
        using var gradient = Numbers.Unwritten(_device, length);
        Elementwise.Map(new Bend(), x, y);
        float[] xs = x.ToArray(), dys = dy.ToArray(), ddxs = ddx.ToArray();
        var want = new double[length];

        // tanh'' = -2 tanh (1 - tanh²); of the output y, the derivative of (1 - y²) is -2 y.
        Elementwise.MapSecond(new Bend(), x, y, dy, ddx, gradient, ofOutput: false);
        for (int i = 0; i < length; i++)
            want[i] = -2 * Math.Tanh(xs[i]) * (1 - Math.Pow(Math.Tanh(xs[i]), 2)) * dys[i] * ddxs[i];
        Numbers.AssertClose(gradient.ToArray(), want, 2e-6, "by the input");

        Elementwise.MapSecond(new Bend(), y, y, dy, ddx, gradient, ofOutput: true);
        for (int i = 0; i < length; i++)
            want[i] = -2 * Math.Tanh(xs[i]) * dys[i] * ddxs[i];
        Numbers.AssertClose(gradient.ToArray(), want, 2e-6, "by the output");
    }

    [Test]
    public void ZipIsTheFormulaOfEachPair([ValueSource(nameof(Lengths))] int length)
    {
        using var a = Numbers.Some(_device, new Shape(length), seed: 1);
        using var b = Numbers.Some(_device, new Shape(length), seed: 2);
        using var y = Numbers.Unwritten(_device, length);
        Elementwise.Zip(new Mixed(), a, b, y);
        float[] aa = a.ToArray(), bb = b.ToArray(), want = new float[length];
        for (int i = 0; i < length; i++)
            want[i] = (aa[i] / (1f + MathF.Abs(bb[i]))) - bb[i];
        Numbers.AssertSame(y.ToArray(), want, "Zip");
    }

    [Test]
    public void ZipRowMeetsEachRowWithTheSameOne([ValueSource(nameof(Matrices))] (int Rows, int Columns) size)
    {
        using var a = Numbers.Some(_device, new Shape(size.Rows, size.Columns), seed: 1);
        using var row = Numbers.Some(_device, new Shape(size.Columns), seed: 2);
        using var y = Numbers.Unwritten(_device, size.Rows, size.Columns);
        Elementwise.ZipRow(new Mixed(), a, row, y);
        float[] aa = a.ToArray(), r = row.ToArray(), want = new float[a.Count];
        for (int i = 0; i < want.Length; i++)
            want[i] = (aa[i] / (1f + MathF.Abs(r[i % size.Columns]))) - r[i % size.Columns];
        Numbers.AssertSame(y.ToArray(), want, "ZipRow");
    }

    [Test]
    public void TheResultMayStandInTheArgumentsPlace()
    {
        float[] numbers = Numbers.Some(1021, seed: 1);
        using var x = Tensor.From(_device, new Shape(1021), numbers);
        Elementwise.Map(new Everything(), x, x);
        Numbers.AssertSame(x.ToArray(), Array.ConvertAll(numbers, v => new Everything().Forward(new Scalar(v)).Value), "in place");
    }

    private void CheckMap(float[] numbers)
    {
        using var x = Tensor.From(_device, new Shape(numbers.Length), numbers);
        using var y = Numbers.Unwritten(_device, numbers.Length);
        Elementwise.Map(new Everything(), x, y);
        Numbers.AssertSame(y.ToArray(), Array.ConvertAll(numbers, v => new Everything().Forward(new Scalar(v)).Value), "Map");
    }
}

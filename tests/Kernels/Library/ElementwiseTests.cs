using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
[Quick]
public class ElementwiseTests
{
    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    [Test]
    public void MapIsTheFormulaOfEachElement([ValueSource(typeof(Numbers), nameof(Numbers.Lengths))] int length)
    {
        using var x = Numbers.Some(_device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(_device, length);
        Elementwise.Map(new Everything(), x, y);
        Numbers.AssertSame(y.ToArray(), Array.ConvertAll(x.ToArray(), v => new Everything().Forward(new Scalar(v)).Value), "Map");
        Numbers.AssertClose(
            y.ToArray(), Array.ConvertAll(x.ToArray(), v => new Everything().Forward(new Exact(v)).Value), 1e-6, "Map against double");
    }

    [Test]
    public void MapBackwardIsTheDerivativeTimesDy([ValueSource(typeof(Numbers), nameof(Numbers.Lengths))] int length) =>
        CheckMapBackward(_device, length);

    [Test]
    public void MapSecondDerivativeIsTheSecondDerivative([Values(1, 16, 17, 40009)] int length) =>
        CheckMapSecondDerivative(_device, length);

    [Test]
    public void ZipIsTheFormulaOfEachPair([ValueSource(typeof(Numbers), nameof(Numbers.Lengths))] int length) => CheckZip(_device, length);

    [Test]
    public void ZipRowMeetsEachRowWithTheSameOne([ValueSource(typeof(Numbers), nameof(Numbers.Matrices))] (int Rows, int Columns) size) =>
        CheckZipRow(_device, size);

    [Test]
    public void TheResultMayStandInTheArgumentsPlace()
    {
        using var x = Numbers.Some(_device, new Shape(40009), seed: 1);
        using var y = Numbers.Unwritten(_device, 40009);
        Elementwise.Map(new Everything(), x, y);
        Elementwise.Map(new Everything(), x, x);
        Numbers.AssertSame(x.ToArray(), y.ToArray(), "in place");
    }

    [Test]
    public void IdentityIsItsOwnDerivative()
    {
        using var x = Numbers.Some(_device, new Shape(33), seed: 1);
        using var y = Numbers.Unwritten(_device, 33);
        using var dx = Numbers.Unwritten(_device, 33);
        Elementwise.Map(new Identity(), x, y);
        Numbers.AssertSame(y.ToArray(), x.ToArray(), "forward");
        Elementwise.MapBackward(new Identity(), y, y, x, dx);
        Numbers.AssertSame(dx.ToArray(), x.ToArray(), "backward");
    }

    [Test]
    public void ShapesThatDoNotFitAreRefused()
    {
        using var a = new Tensor(_device, new Shape(4, 6));
        using var b = new Tensor(_device, new Shape(6, 4));
        using var row = new Tensor(_device, new Shape(6));
        using var longRow = new Tensor(_device, new Shape(7));
        const string Equal = "the shapes must be equal";
        Numbers.AssertRefused(() => Elementwise.Map(new TanhAgain(), a, b), "TanhAgain", "[4,6] with [6,4]", Equal);
        Numbers.AssertRefused(() => Elementwise.Zip(new Mixed(), a, b, a), "Mixed", "[4,6] with [6,4]", Equal);
        Numbers.AssertRefused(() => Elementwise.Zip(new Mixed(), a, a, b), "Mixed", "[4,6] with [6,4]", Equal);
        Numbers.AssertRefused(() => Elementwise.ZipRow(new Mixed(), a, row, b), "Mixed", Equal);
        Numbers.AssertRefused(
            () => Elementwise.ZipRow(new Mixed(), a, longRow, a), "Mixed", "[4,6] with [7]", "6 elements, one for each column");
        for (int wrong = 0; wrong < 4; wrong++)
        {
            Tensor[] t = [a, a, a, a];
            t[wrong] = b;
            Numbers.AssertRefused(() => Elementwise.MapBackward(new TanhAgain(), t[0], t[1], t[2], t[3]), "TanhAgain", Equal);
        }
        for (int wrong = 0; wrong < 5; wrong++)
        {
            Tensor[] t = [a, a, a, a, a];
            t[wrong] = b;
            Numbers.AssertRefused(
                () => Elementwise.MapSecondDerivative(new TanhAgain(), t[0], t[1], t[2], t[3], t[4], false), "TanhAgain", Equal);
        }
    }

    // The same checks run on every engine: see ElementwiseOnEnginesTests.

    internal static void CheckMapBackward(Device device, int length)
    {
        using var x = Numbers.Some(device, new Shape(length), seed: 1);
        using var y = Numbers.Some(device, new Shape(length), seed: 2);
        using var dy = Numbers.Some(device, new Shape(length), seed: 3);
        using var dx = Numbers.Unwritten(device, length);
        Elementwise.MapBackward(new Everything(), x, y, dy, dx);
        float[] xs = x.ToArray(), ys = y.ToArray(), dys = dy.ToArray(), want = new float[length];
        for (int i = 0; i < length; i++)
            want[i] = new Everything().Backward(new Scalar(xs[i]), new Scalar(ys[i]), new Scalar(dys[i])).Value;
        Numbers.AssertSame(dx.ToArray(), want, "MapBackward");
    }

    internal static void CheckMapSecondDerivative(Device device, int length)
    {
        using var x = Numbers.Some(device, new Shape(length), seed: 1);
        using var y = Numbers.Unwritten(device, length);
        using var dy = Numbers.Some(device, new Shape(length), seed: 3);
        using var ddx = Numbers.Some(device, new Shape(length), seed: 4);
        using var gradient = Numbers.Unwritten(device, length);
        Elementwise.Map(new TanhAgain(), x, y);
        double[] xs = Wide(x), dys = Wide(dy), ddxs = Wide(ddx), want = new double[length];

        // tanh'' = -2 tanh (1 - tanh²); of the output y, the derivative of (1 - y²) is -2 y.
        Elementwise.MapSecondDerivative(new TanhAgain(), x, y, dy, ddx, gradient, ofOutput: false);
        for (int i = 0; i < length; i++)
            want[i] = -2 * Math.Tanh(xs[i]) * (1 - Math.Pow(Math.Tanh(xs[i]), 2)) * dys[i] * ddxs[i];
        Numbers.AssertClose(gradient.ToArray(), want, 2e-6, "by the input");

        Elementwise.MapSecondDerivative(new TanhAgain(), y, y, dy, ddx, gradient, ofOutput: true);
        for (int i = 0; i < length; i++)
            want[i] = -2 * Math.Tanh(xs[i]) * dys[i] * ddxs[i];
        Numbers.AssertClose(gradient.ToArray(), want, 2e-6, "by the output");
    }

    internal static void CheckZip(Device device, int length)
    {
        using var a = Numbers.Some(device, new Shape(length), seed: 1);
        using var b = Numbers.Some(device, new Shape(length), seed: 2);
        using var y = Numbers.Unwritten(device, length);
        Elementwise.Zip(new Mixed(), a, b, y);
        float[] aa = a.ToArray(), bb = b.ToArray(), want = new float[length];
        for (int i = 0; i < length; i++)
            want[i] = (aa[i] / (1f + MathF.Abs(bb[i]))) - bb[i];
        Numbers.AssertSame(y.ToArray(), want, "Zip");
    }

    internal static void CheckZipRow(Device device, (int Rows, int Columns) size)
    {
        using var a = Numbers.Some(device, new Shape(size.Rows, size.Columns), seed: 1);
        using var row = Numbers.Some(device, new Shape(size.Columns), seed: 2);
        using var y = Numbers.Unwritten(device, size.Rows, size.Columns);
        Elementwise.ZipRow(new Mixed(), a, row, y);
        float[] aa = a.ToArray(), r = row.ToArray(), want = new float[a.Count];
        for (int i = 0; i < want.Length; i++)
            want[i] = (aa[i] / (1f + MathF.Abs(r[i % size.Columns]))) - r[i % size.Columns];
        Numbers.AssertSame(y.ToArray(), want, "ZipRow");
    }

    private static double[] Wide(Tensor t) => Array.ConvertAll(t.ToArray(), x => (double)x);
}

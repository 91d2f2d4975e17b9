using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Every function of <see cref="XMath"/> on every engine, over floats of the whole range: its error against double, which is printed, and
/// the bits of the plain C# on the host. The bounds are those that the doc comments of <see cref="Transcendental"/> give, which follow
/// from the same sweep; a root rounds once, its reciprocal twice.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class XMathOnEnginesTests(Engine engine)
{
    private static readonly Function[] Functions =
    [
        new("exp", XMath.Exp, ExpKernel, Math.Exp, 1.05),
        new("log", XMath.Log, LogKernel, Math.Log, 0.85),
        new("tanh", XMath.Tanh, TanhKernel, Math.Tanh, 1.35),
        new("sqrt", XMath.Sqrt, SqrtKernel, Math.Sqrt, 0.5),
        new("rsqrt", XMath.Rsqrt, RsqrtKernel, x => 1 / Math.Sqrt(x), 1.5),
        new("sin", XMath.Sin, SinKernel, Math.Sin, 2.1, MostAngle: 1 << 20),
        new("cos", XMath.Cos, CosKernel, Math.Cos, 2.1, MostAngle: 1 << 20),
        new("abs", XMath.Abs, AbsKernel, Math.Abs, 0),
    ];

    private static readonly FunctionOfTwo[] FunctionsOfTwo =
    [
        new("pow", XMath.Pow, PowKernel, Math.Pow, 1.05),
        new("min", XMath.Min, MinKernel, (a, b) => a < b ? a : b, 0),
        new("max", XMath.Max, MaxKernel, (a, b) => a > b ? a : b, 0),
    ];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [TestCaseSource(nameof(Functions))]
    public void IsNear(object row)
    {
        var function = (Function)row;
        float[] xs = [.. Sweep.Floats(engine.IsFast ? 1999u : 131_071u)];
        float[] host = Array.ConvertAll(xs, x => function.OnHost(x)), ys = host;
        if (_device is not CpuDevice) // which runs no kernels: there a kernel's function is a method like any other
        {
            using var x = Tensor.From(_device, new Shape(xs.Length), xs);
            using var y = Numbers.Unwritten(_device, xs.Length);
            Launcher.ForEach(_device, xs.Length, function.Kernel, x.On(_device), y.On(_device));
            ys = y.ToArray();
        }
        Check(function.Name, function.Ulps, ys, host, Exact, i => $"{xs[i]:g9}");

        double Exact(int i) => Math.Abs(xs[i]) > function.MostAngle ? double.NaN : function.Exact(xs[i]);
    }

    [TestCaseSource(nameof(FunctionsOfTwo))]
    public void OfTwoIsNear(object row)
    {
        var function = (FunctionOfTwo)row;
        var nearOne = Enumerable.Range(-20, 40).Select(k => 1 + (k / 4096f));
        float[] bases = [.. Sweep.Floats(engine.IsFast ? 1_999_993u : 39_999_983u), .. nearOne];
        var special = Sweep.Special.SelectMany(x => Sweep.Special.Select(y => (x, y)));
        (float X, float Y)[] pairs = [.. bases.SelectMany(x => Exponents(x).Select(y => (x, y))), .. special];
        float[] xs = Array.ConvertAll(pairs, p => p.X), ys = Array.ConvertAll(pairs, p => p.Y);
        float[] host = Array.ConvertAll(pairs, p => function.OnHost(p.X, p.Y)), results = host;
        if (_device is not CpuDevice)
        {
            using var x = Tensor.From(_device, new Shape(xs.Length), xs);
            using var y = Tensor.From(_device, new Shape(xs.Length), ys);
            using var result = Numbers.Unwritten(_device, xs.Length);
            Launcher.ForEach(_device, xs.Length, function.Kernel, x.On(_device), y.On(_device), result.On(_device));
            results = result.ToArray();
        }
        Check(function.Name, function.Ulps, results, host, i => function.Exact(xs[i], ys[i]), i => $"{xs[i]:g9}, {ys[i]:g9}");
    }

    [Test]
    public void AnErrorIsFound()
    {
        float[] right = [1, 2, 3], wrong = [1, 2, 3.0000007f];
        Assert.That(() => Check("f", 1.05, wrong, right, i => right[i], i => $"{i}"), Throws.TypeOf<AssertionException>(), "other bits");
        Assert.That(() => Check("f", 1.05, wrong, wrong, i => right[i], i => $"{i}"), Throws.TypeOf<AssertionException>(), "3 ulp");
    }

    /// <summary>Exponents that take x to results of every size, and some plain ones.</summary>
    private static float[] Exponents(float x)
    {
        double ln = Math.Log(Math.Abs((double)x));
        var spread = Enumerable.Range(0, 19).Select(k => (float)((-105 + (k * 10.7)) / (ln == 0 || !double.IsFinite(ln) ? 1e-7 : ln)));
        return [.. spread, -3, -0.5f, 0, 0.5f, 1, 2, 1f / 3];
    }

    private static void Check(string name, double most, float[] got, float[] host, Func<int, double> exact, Func<int, string> where)
    {
        (double Ulps, int At) largest = (0, 0);
        for (int i = 0; i < got.Length; i++)
        {
            if (!Numbers.Same(got[i], host[i]))
                Assert.Fail($"{name}({where(i)}): {got[i]:g9}, but {host[i]:g9} in plain C#");
            double ulps = Numbers.Ulps(got[i], exact(i));
            if (ulps > largest.Ulps)
                largest = (ulps, i);
        }
        TestContext.Out.WriteLine($"{name}: {largest.Ulps:f3} ulp at {where(largest.At)}, of {got.Length} numbers");
        Assert.That(largest.Ulps, Is.LessThanOrEqualTo(most), $"ulp of {name} at {where(largest.At)}");
    }

    private static void ExpKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Exp(x[i]);
    }

    private static void LogKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Log(x[i]);
    }

    private static void TanhKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Tanh(x[i]);
    }

    private static void SqrtKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Sqrt(x[i]);
    }

    private static void RsqrtKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Rsqrt(x[i]);
    }

    private static void SinKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Sin(x[i]);
    }

    private static void CosKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Cos(x[i]);
    }

    private static void AbsKernel(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Abs(x[i]);
    }

    private static void PowKernel(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Pow(a[i], b[i]);
    }

    private static void MinKernel(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Min(a[i], b[i]);
    }

    private static void MaxKernel(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        y[i] = XMath.Max(a[i], b[i]);
    }

    /// <summary>A function, its kernel, and the largest error in ulp; past the most angle it is NaN.</summary>
    private sealed record Function(
        string Name, Func<float, float> OnHost, Action<Index1D, ArrayView<float>, ArrayView<float>> Kernel,
        Func<double, double> Exact, double Ulps, float MostAngle = float.PositiveInfinity)
    {
        public override string ToString() => Name;
    }

    private sealed record FunctionOfTwo(
        string Name, Func<float, float, float> OnHost, Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>> Kernel,
        Func<double, double, double> Exact, double Ulps)
    {
        public override string ToString() => Name;
    }
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>A number that a formula gave in float32, and the right one.</summary>
internal readonly record struct FloatAndExact(string What, float X, float Float, double Exact);

/// <summary>A formula of the table, with what is computed from it at one point: all in double but the last.</summary>
internal abstract record FormulaRow(double From, double To, double Ulps, double Size, float[] Kinks)
{
    public abstract Type Type { get; }

    /// <summary>An odd number of points over the range, none within 0.001 of a kink.</summary>
    public IEnumerable<float> Points => Enumerable.Range(0, 1003)
        .Select(i => (float)(From + ((To - From) * i / 1002)))
        .Where(x => Kinks.All(kink => Math.Abs(x - kink) > 1e-3));

    /// <summary>f'(x) by dual numbers through Forward.</summary>
    public abstract double ForwardSlope(double x);

    /// <summary>f'(x) by Backward.</summary>
    public abstract double BackwardSlope(double x);

    /// <summary>f'(x) by Backward, told y in place of x.</summary>
    public abstract double BackwardSlopeOfOutput(double x);

    /// <summary>f''(x) by dual numbers of dual numbers through Forward.</summary>
    public abstract double ForwardCurvature(double x);

    /// <summary>f''(x) by dual numbers through Backward, as a gradient penalty computes it.</summary>
    public abstract double BackwardCurvature(double x);

    /// <summary>f''(x) by dual numbers through Backward, told y in place of x: the derivative of f'(y) by y, times f'(x).</summary>
    public abstract double BackwardCurvatureOfOutput(double x);

    /// <summary>Forward, Backward and the second derivative of the engine's kernels over all points, beside the exact numbers.</summary>
    public abstract IEnumerable<FloatAndExact> FloatSweep(Device device);

    public abstract bool IsActivation { get; }
}

internal sealed record FormulaRow<F>(F Formula, double From, double To, double Ulps, double Size, float[] Kinks)
    : FormulaRow(From, To, Ulps, Size, Kinks)
    where F : struct, IMap
{
    public override Type Type => typeof(F);

    public override bool IsActivation => Formula is IActivation;

    public override double ForwardSlope(double x) => Formula.Forward(Seeded(x)).Derivative.Value;

    public override double BackwardSlope(double x) => Slope(new(x), Y(x)).Value;

    public override double BackwardSlopeOfOutput(double x) => Slope(Y(x), Y(x)).Value;

    public override double ForwardCurvature(double x)
    {
        var twice = new Dual<Dual<Exact>>(Seeded(x), new(new(1), new(0)));
        return Formula.Forward(twice).Derivative.Derivative.Value;
    }

    public override double BackwardCurvature(double x) =>
        Formula.Backward(Seeded(x), new(Y(x), Slope(new(x), Y(x))), Dual<Exact>.Of(1)).Derivative.Value;

    public override double BackwardCurvatureOfOutput(double x)
    {
        var y = Seeded(Y(x).Value);
        return Formula.Backward(y, y, Dual<Exact>.Of(1)).Derivative.Value * BackwardSlope(x);
    }

    public override IEnumerable<FloatAndExact> FloatSweep(Device device)
    {
        float[] points = [.. Points];
        var shape = new Shape(points.Length);
        using var x = Tensor.From(device, shape, points);
        using var dy = Tensor.Filled(device, shape, -1.5f);
        using var ddx = Tensor.Filled(device, shape, 0.75f);
        using var y = new Tensor(device, shape);
        using var dx = new Tensor(device, shape);
        using var second = new Tensor(device, shape);
        Elementwise.Map(Formula, x, y);
        Elementwise.MapBackward(Formula, x, y, dy, dx);
        Elementwise.MapSecondDerivative(Formula, x, y, dy, ddx, second, ofOutput: false);
        float[] ys = y.ToArray(), dxs = dx.ToArray(), seconds = second.ToArray();
        for (int i = 0; i < points.Length; i++)
        {
            yield return new("y", points[i], ys[i], Y(points[i]).Value);
            yield return new("dx", points[i], dxs[i], -1.5 * BackwardSlope(points[i]));
            yield return new("second", points[i], seconds[i], -1.5 * 0.75 * BackwardCurvature(points[i]));
        }
    }

    private static Dual<Exact> Seeded(double x) => new(new(x), new(1));

    private Exact Y(double x) => Formula.Forward(new Exact(x));

    private Exact Slope(Exact x, Exact y) => Formula.Backward(x, y, new Exact(1));

    public override string ToString() => Formula.ToString()!;
}

/// <summary>A function of two numbers of the table.</summary>
internal abstract record ZipRow
{
    public abstract Type Type { get; }

    /// <summary>The function over odd-sized tensors, beside what it should be.</summary>
    public abstract IEnumerable<FloatAndExact> FloatSweep(Device device);
}

internal sealed record ZipRow<F>(F Formula, Func<double, double, double> Expected) : ZipRow
    where F : struct, IZip
{
    public override Type Type => typeof(F);

    public override IEnumerable<FloatAndExact> FloatSweep(Device device)
    {
        const int Count = 1003;
        using var a = new Tensor(device, new Shape(Count));
        using var b = new Tensor(device, new Shape(Count));
        using var y = new Tensor(device, new Shape(Count));
        RandomNumbers.Normal(new RandomStream(3, 0), 0, 10, a);
        RandomNumbers.Normal(new RandomStream(3, 1), 0, 10, b);
        Elementwise.Zip(Formula, a, b, y);
        float[] xs = a.ToArray(), zs = b.ToArray(), ys = y.ToArray();
        for (int i = 0; i < Count; i++)
            yield return new("y", xs[i], ys[i], Expected(xs[i], zs[i]));
    }

    public override string ToString() => Formula.ToString()!;
}

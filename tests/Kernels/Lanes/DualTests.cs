using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A dual number's derivative against the one from the book; both parts of a two-argument operation are moved.</summary>
[Quick]
public class DualTests
{
    private static readonly double[] Points = [-3.5, -1, -0.25, 1e-6, 0.3, 1, 2.75, 20];

    [Test]
    public void Arithmetic()
    {
        foreach (double a in Points)
        {
            foreach (double b in Points)
            {
                const double Da = 0.7, Db = -1.3, Dc = 0.11;
                var (x, y, z) = (Of(a, Da), Of(b, Db), Of(2, Dc));
                Check("+", x + y, a + b, Da + Db);
                Check("-", x - y, a - b, Da - Db);
                Check("*", x * y, a * b, (Da * b) + (a * Db));
                Check("/", x / y, a / b, ((Da * b) - (a * Db)) / (b * b));
                Check("negation", -x, -a, -Da);
                Check("MultiplyAdd", Dual<Exact>.MultiplyAdd(x, y, z), (a * b) + 2, (Da * b) + (a * Db) + Dc);
                Check("IfPositive", Dual<Exact>.IfPositive(x, y, z), a > 0 ? b : 2, a > 0 ? Db : Dc);
            }
        }
        Check("IfPositive of 0", Dual<Exact>.IfPositive(Of(0, 1), Of(5, 6), Of(7, 8)), 7, 8);
        Check("Of", Dual<Exact>.Of(2.5f), 2.5, 0);
    }

    [Test]
    public void Functions()
    {
        const double D = -1.7;
        foreach (double a in Points)
        {
            var x = Of(a, D);
            Check("Abs", Dual<Exact>.Abs(x), Math.Abs(a), D * Math.Sign(a));
            Check("Exp", Dual<Exact>.Exp(x), Math.Exp(a), D * Math.Exp(a));
            Check("Tanh", Dual<Exact>.Tanh(x), Math.Tanh(a), D * (1 - Math.Pow(Math.Tanh(a), 2)));
            if (a > -1)
                Check("Log1P", Dual<Exact>.Log1P(x), Math.Log(1 + a), D / (1 + a));
            if (a > 0)
            {
                Check("Log", Dual<Exact>.Log(x), Math.Log(a), D / a);
                Check("Sqrt", Dual<Exact>.Sqrt(x), Math.Sqrt(a), D / (2 * Math.Sqrt(a)));
            }
        }
    }

    [Test]
    public void ADualOfADualIsTheSecondDerivative()
    {
        foreach (double a in Points)
        {
            var x = new Dual<Dual<Exact>>(Of(a, 1), Of(1, 0));
            var y = Dual<Dual<Exact>>.Exp(x * x);
            Assert.That(y.Derivative.Derivative.Value, Is.EqualTo((2 + (4 * a * a)) * Math.Exp(a * a)).Within(1e-10).Percent);
        }
    }

    [Test]
    public void TheExactLaneKnowsLog1POfEverything()
    {
        foreach (double x in (double[])[0, 1e-300, 1e-20, 1e-9, 0.1, 1, 1e9, 1e300, double.PositiveInfinity])
        {
            double right = x < 1e-5 ? x - (x * x / 2) + (x * x * x / 3) : Math.Log(1 + x);
            Assert.That(Exact.Log1P(new Exact(x)).Value, Is.EqualTo(right).Within(1e-11).Percent, $"{x}");
        }
        Assert.That(Exact.Log1P(new Exact(double.NaN)).Value, Is.NaN);
    }

    private static Dual<Exact> Of(double value, double derivative) => new(new Exact(value), new Exact(derivative));

    private static void Check(string name, Dual<Exact> got, double value, double derivative)
    {
        Assert.That(got.Value.Value, Is.EqualTo(value).Within(1e-12 * Math.Max(1, Math.Abs(value))), name);
        Assert.That(
            got.Derivative.Value, Is.EqualTo(derivative).Within(1e-12 * Math.Max(1, Math.Abs(derivative))), $"derivative of {name}");
    }
}

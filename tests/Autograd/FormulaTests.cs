using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Every formula op against itself in double and on dual numbers.</summary>
[TestFixture]
[Quick]
internal sealed class FormulaTests
{
    private static readonly FormulaRow[] Rows = OpTable.Formulas;
    private static readonly FormulaRow[] Activations = [.. OpTable.Formulas.Where(row => row.IsActivation)];

    /// <summary>Rows with a mistake, each for the check that finds it.</summary>
    private static readonly FormulaRow WrongSlope = new FormulaRow<WrongTanh>(default, -3, 3, 6, 1, []);
    private static readonly FormulaRow WrongContract = new FormulaRow<SquareAsActivation>(default, -3, 3, 6, 1, []);

    [TestCaseSource(nameof(Rows))]
    public void BackwardIsTheDerivativeOfForward(FormulaRow row) =>
        Assert.That(Strays(row, row.ForwardSlope, row.BackwardSlope, 1e-12), Is.Empty);

    [TestCaseSource(nameof(Rows))]
    public void BackwardOnDualNumbersIsTheSecondDerivative(FormulaRow row) =>
        Assert.That(Strays(row, row.ForwardCurvature, row.BackwardCurvature, 1e-11), Is.Empty);

    [TestCaseSource(nameof(Activations))]
    public void AnActivationsDerivativeCanBeToldFromItsOutput(FormulaRow row)
    {
        Assert.That(Strays(row, row.BackwardSlope, row.BackwardSlopeOfOutput, 0), Is.Empty);
        Assert.That(Strays(row, row.ForwardCurvature, row.BackwardCurvatureOfOutput, 1e-11), Is.Empty);
    }

    [TestCaseSource(nameof(Rows))]
    public void FloatsAreNearDoubles(FormulaRow row)
    {
        using var device = new CpuDevice(1);
        Assert.That(FarFromExact(row.FloatSweep(device), row.Ulps, row.Size), Is.Empty);
    }

    [TestCaseSource(typeof(OpTable), nameof(OpTable.Zips))]
    public void FunctionsOfTwoNumbersAreRoundedOnce(ZipRow row)
    {
        using var device = new CpuDevice(1);
        Assert.That(FarFromExact(row.FloatSweep(device), 0.5, 0), Is.Empty);
    }

    [Test]
    public void APlantedErrorIsFound()
    {
        using var device = new CpuDevice(1);
        Assert.Multiple(() =>
        {
            Assert.That(Strays(WrongSlope, WrongSlope.ForwardSlope, WrongSlope.BackwardSlope, 1e-12), Is.Not.Empty);
            Assert.That(Strays(WrongSlope, WrongSlope.ForwardCurvature, WrongSlope.BackwardCurvature, 1e-11), Is.Not.Empty);
            Assert.That(
                Strays(WrongContract, WrongContract.ForwardSlope, WrongContract.BackwardSlope, 1e-12), Is.Empty, "its Backward is right");
            Assert.That(Strays(WrongContract, WrongContract.BackwardSlope, WrongContract.BackwardSlopeOfOutput, 0), Is.Not.Empty);
            Assert.That(FarFromExact([new("y", 1, 1.000001f, 1)], 6, 1), Is.Not.Empty);
            Assert.That(FarFromExact([new("y", 1, float.NaN, 1)], 6, 1), Is.Not.Empty);
        });
    }

    [Test]
    public void NothingOverflowsFarFromZero()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        float[] far = [-3e38f, -1000, -104, -89, -88, 88, 89, 104, 1000, 3e38f];
        using var tensor = Tensor.From(device, new Shape(far.Length), far);
        Func<Var, Var>[] functions = [x => x.Sigmoid(), x => x.Tanh(), x => x.Softplus(), x => x.Map(new BceWithLogits(0.9f))];
        foreach (var f in functions)
        {
            var x = tape.Variable(tensor);
            var y = f(x);
            var dx = tape.Gradients(y.Scale(1e-3f).Sum(), [x], differentiable: true)[x];
            var second = tape.Gradients(dx.Sum(), [x])[x];
            foreach (var v in (Var[])[y, dx, second])
                Assert.That(v.Value.ToArray(), Is.All.Matches<float>(float.IsFinite));
        }
    }

    [Test]
    public void LeakyReluRefusesASlopeThatHidesTheSide() =>
        Assert.That(
            () => new LeakyRelu(-0.1f), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("slope -0.1 is negative"));

    /// <summary>The points where two ways to compute the same number disagree.</summary>
    private static IEnumerable<string> Strays(FormulaRow row, Func<double, double> a, Func<double, double> b, double relative) =>
        from x in row.Points
        let left = a(x)
        let right = b(x)
        where !(Math.Abs(left - right) <= (relative * Math.Max(Math.Abs(left), Math.Abs(right))) + (relative * 1e-3))
        select $"{row} at {x:R}: {left:R} is not {right:R}";

    internal static IEnumerable<string> FarFromExact(IEnumerable<FloatAndExact> numbers, double ulps, double size) =>
        from n in numbers
        let ulp = Math.Max(Math.Max(Math.Abs(n.Exact), size) / (1 << 23), float.Epsilon)
        where !(Math.Abs(n.Float - n.Exact) <= Math.Max(ulps, n.What == "y" ? 0 : 3 * ulps) * ulp)
        select $"{n.What} at {n.X:R}: {n.Float:R} is {Math.Abs(n.Float - n.Exact) / ulp:g3} ulps from {n.Exact:R}";

    /// <summary>A tanh whose derivative lacks a square.</summary>
    private readonly record struct WrongTanh : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Tanh(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => (V.Of(1f) - y) * dy;
    }

    /// <summary>Its derivative is right, but needs x.</summary>
    private readonly record struct SquareAsActivation : IActivation
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => x * x;

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => (x + x) * dy;
    }
}

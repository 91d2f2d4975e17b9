using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Every structured op of the table against central differences, once and twice differentiated, and mistakes that the check must find.
/// </summary>
[TestFixture]
[Quick]
internal sealed class GradCheckTests
{
    private static readonly StructuredRow[] Rows = OpTable.Structured;

    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp() => _device = new CpuDevice(1);

    [TearDown]
    public void TearDown() => _device.Dispose();

    [TestCaseSource(nameof(Rows))]
    public void FirstDerivative(StructuredRow row)
    {
        foreach (var (n, c) in ((int, int)[])[(1, 1), (3, 5), (7, 17), (2, 33)])
        {
            var inputs = row.Inputs(_device, n, c);
            var result = GradCheck.First(_device, inputs, tape => row.On(tape, inputs), samples: 24);
            Assert.That(result.Passed, $"[{n},{c}] {result}");
            Assert.That(result.Checked, Is.GreaterThanOrEqualTo(1));
        }
    }

    [TestCaseSource(nameof(Rows))]
    public void SecondDerivative(StructuredRow row)
    {
        foreach (var (n, c) in ((int, int)[])[(1, 1), (3, 5), (7, 17)])
        {
            var inputs = row.Inputs(_device, n, c);
            var result = GradCheck.Second(_device, inputs, tape => row.On(tape, inputs), samples: 24);
            Assert.That(result.Passed, $"[{n},{c}] {result}");
        }
    }

    [Test]
    public void OddSizes() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(120),
        Prop.ForAll(
            (from row in Gen.Choose(0, Rows.Length - 1)
             from n in Gen.Choose(1, 12)
             from c in Gen.Choose(1, 40)
             select (row, n, c)).ToArbitrary(),
            size =>
            {
                var row = Rows[size.row];
                var inputs = row.Inputs(_device, size.n, size.c, set: (uint)(size.n * size.c));
                var result = GradCheck.First(_device, inputs, tape => row.On(tape, inputs), samples: 6);
                return result.Passed.Label($"{row} [{size.n},{size.c}]: {result}");
            }));

    [Test]
    public void APlantedErrorInAFirstDerivativeIsFound()
    {
        var a = Square("a", 1);
        var b = Square("b", 2);
        Assert.Multiple(() =>
        {
            var right = GradCheck.First(_device, [a, b], tape => Spoilt(tape.Use(a), tape.Use(b), Mistake.None));
            Assert.That(right.Passed, "nothing is planted");
            foreach (var mistake in (Mistake[])[Mistake.Transposition, Mistake.Sign, Mistake.OneElement])
            {
                var result = GradCheck.First(_device, [a, b], tape => Spoilt(tape.Use(a), tape.Use(b), mistake));
                Assert.That(result.Worst, Is.GreaterThan(10), $"{mistake}: {result}");
                Assert.That(
                    result.ToString(), Does.Contain("b[5,5] element").And.Contain("central differences say").And.Contain("Backward"));
            }
        });
    }

    [Test]
    public void APlantedErrorInASecondDerivativeIsFound()
    {
        var a = Square("a", 1);
        var b = Square("b", 2);
        var right = GradCheck.Second(_device, [a, b], tape => Spoilt(tape.Use(a), tape.Use(b), Mistake.None).Square());
        var wrong = GradCheck.Second(_device, [a, b], tape => Spoilt(tape.Use(a), tape.Use(b), Mistake.ConstantGradient).Square());
        var first = GradCheck.First(_device, [a, b], tape => Spoilt(tape.Use(a), tape.Use(b), Mistake.ConstantGradient).Square());
        Assert.Multiple(() =>
        {
            Assert.That(right.Passed, right.ToString());
            Assert.That(first.Passed, "once differentiated, nothing is wrong");
            Assert.That(wrong.Worst, Is.GreaterThan(10), wrong.ToString());
        });
    }

    [Test]
    public void AWrongFormulaAndANaNAreFound()
    {
        var a = Square("a", 1);
        var wrong = GradCheck.First(_device, [a], tape => tape.Use(a).Map(default(HalfSlope)));
        var notANumber = GradCheck.First(_device, [a], tape => tape.Use(a).Log());
        Assert.Multiple(() =>
        {
            Assert.That(wrong.Worst, Is.GreaterThan(100));
            Assert.That(wrong.Gradient / wrong.Difference, Is.EqualTo(0.5).Within(1e-3));
            Assert.That(notANumber.Passed, Is.False);
        });
    }

    [Test]
    public void TheParametersAreRestored()
    {
        var a = Square("a", 1);
        float[] before = a.Value.ToArray();
        GradCheck.First(_device, [a], tape => tape.Use(a).Square());
        GradCheck.Second(_device, [a], tape => tape.Use(a).Square());
        Assert.That(a.Value.ToArray(), Is.EqualTo(before));
        Assert.That(_device.RentedBlocks, Is.EqualTo(1));
    }

    [Test]
    public void NoTargetsIsRefused() => Assert.That(
        () => GradCheck.First(_device, [], tape => throw new InvalidOperationException()),
        Throws.ArgumentException.With.Message.Contains("no target"));

    private Parameter Square(string name, uint stream)
    {
        var value = new Tensor(_device, new Shape(5, 5));
        RandomNumbers.Uniform(new RandomStream(1, stream), -1, 1, value);
        return new Parameter(name, value);
    }

    private static Var Spoilt(Var a, Var b, Mistake mistake)
    {
        var y = a.Tape.Rent(a.Shape);
        MatMul.Run(a.Value, false, b.Value, false, y);
        return a.Tape.Record(y, a.Tape.Records(a, b) ? new SpoiltMatMul(a, b, mistake) : null);
    }

    private enum Mistake
    {
        None,
        Transposition,
        Sign,
        OneElement,
        ConstantGradient,
    }

    private sealed class SpoiltMatMul(Var a, Var b, Mistake mistake) : Op(a, b)
    {
        public override void Backward(Var y, Var dy, GradientAccumulator gradients)
        {
            gradients.Add(A, dy.MatMul(B!, transposeB: true));
            var db = A.MatMul(dy, transposeA: mistake != Mistake.Transposition);
            if (mistake == Mistake.Sign)
                db = db.Scale(-1);
            if (mistake is Mistake.OneElement or Mistake.ConstantGradient)
            {
                float[] values = db.Value.ToArray();
                if (mistake == Mistake.OneElement)
                    values[7] *= 1.2f;
                db = A.Tape.Own(Tensor.From(A.Tape.Device, db.Shape, values));
            }
            gradients.Add(B!, db);
        }
    }

    private readonly record struct HalfSlope : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => x * x;

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => x * dy;
    }
}

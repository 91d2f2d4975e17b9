using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class TapeTests
{
    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp() => _device = new CpuDevice(1);

    [TearDown]
    public void TearDown() => _device.Dispose();

    [Test]
    public void AnOpIsNotAskedForWhatIsNotNeeded()
    {
        using var tape = new Tape(_device);
        var counts = new Counts();
        Var a = tape.Variable(Row(1, 2)), b = tape.Variable(Row(3, 4)), unrelated = tape.Variable(Row(5, 6));
        var beside = Counted.Apply(unrelated, unrelated, counts); // not on the way to the loss
        var loss = Counted.Apply(Counted.Apply(a, b, counts), b, counts).Sum();

        tape.Gradients(loss, [a]);
        Assert.That((counts.Asked, counts.ForA, counts.ForB), Is.EqualTo((2, 2, 0)));
        counts.Clear();
        tape.Gradients(loss, [b]);
        Assert.That((counts.Asked, counts.ForA, counts.ForB), Is.EqualTo((2, 1, 2)));
        counts.Clear();
        tape.Gradients(loss, [unrelated, beside]);
        Assert.That(counts.Asked, Is.Zero);
    }

    [Test]
    public void TheSameParameterUsedTwiceAddsUp()
    {
        var p = new Parameter("p", Row(2, -3));
        using var tape = new Tape(_device);
        var first = tape.Use(p);
        Assert.That(tape.Use(p), Is.SameAs(first));
        var loss = tape.Use(p).Multiply(tape.Use(p)).Add(tape.Use(p)).Sum(); // p² + p
        Assert.That(tape.Gradients(loss, [p])[p].Value.ToArray(), Is.EqualTo(new float[] { 5, -5 }));
    }

    [Test]
    public void TwoSweepsOfOneForwardPass()
    {
        var g = new Parameter("g", Row(2, 3));
        var d = new Parameter("d", Row(5, 7));
        using var tape = new Tape(_device);
        var logits = tape.Use(g).Multiply(tape.Use(d));
        var ofD = tape.Gradients(logits.Sum(), [d]);
        var ofG = tape.Gradients(logits.Scale(-2).Sum(), [g]);
        Assert.That(ofG[g].Value.ToArray(), Is.EqualTo(new float[] { -10, -14 }));
        Assert.That(ofD[d].Value.ToArray(), Is.EqualTo(new float[] { 2, 3 }), "the first sweep's gradients stay readable");
    }

    /// <summary>A layer's gradient is kept before its activation, unless it was asked for.</summary>
    [Test]
    public void ALayersOutputCanBeATarget([Values] bool differentiable)
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Tensor.From(_device, new Shape(1, 2), [0.3f, -0.2f]));
        var w = tape.Variable(Tensor.From(_device, new Shape(2, 1), [1.5f, -0.5f]));
        var h = x.Linear(w, tape.Constant(Row(0.1f)), default(Tanh));
        var gradients = tape.Gradients(h.Square().Sum(), [h, x], differentiable);
        float y = h.Value.Item();
        Assert.That(gradients[h].Value.Item(), Is.EqualTo(2 * y).Within(1e-6), "not through tanh");
        float dz = 2 * y * (1 - (y * y));
        Assert.That(gradients[x].Value.ToArray(), Is.EqualTo(new[] { dz * 1.5f, dz * -0.5f }).Within(1e-6));
    }

    [Test]
    public void WhatWasNotATargetIsRefusedThoughItWasOnTheWay()
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Row(1, 2));
        var between = x.Square();
        var gradients = tape.Gradients(between.Sum(), [x]);
        Assert.That(() => gradients[between], Throws.InvalidOperationException);
    }

    /// <summary>A pool recycles the objects of a sweep that nobody saw, and none that were handed out.</summary>
    [Test]
    public void APoolRecyclesWhatASweepShowedToNobody()
    {
        long alone = AllocatedByTheLastOf40(null), pooled = AllocatedByTheLastOf40(new VarPool());
        TestContext.Out.WriteLine($"{alone} bytes without a pool, {pooled} with one");
        Assert.That(pooled, Is.LessThan(0.75 * alone));

        long AllocatedByTheLastOf40(VarPool? pool)
        {
            var w = new Parameter("w", Tensor.From(_device, new Shape(2, 2), [1f, 2f, 3f, 4f]));
            var known = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
            var kept = new List<(Tensor Tensor, float[] Values)>();
            long allocated = 0;
            for (int step = 0; step < 40; step++)
            {
                using var tape = new Tape(_device, pool);
                long before = GC.GetAllocatedBytesForCurrentThread();
                var x = tape.Constant(Tensor.From(_device, new Shape(1, 2), [0.01f * (step + 1), 0.3f]));
                var y = x.Linear(tape.Use(w), tape.Constant(Row(0, 0)), default(Sigmoid)).Tanh().Square().Scale(2).Sum();
                var gradients = tape.Gradients(y, [w]);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                var handedOut = gradients[w].Value;
                Assert.That(known.Add(handedOut), "what was handed out must not be recycled");
                kept.Add((handedOut, handedOut.ToArray()));
                Assert.That(handedOut.ToArray(), Has.All.Not.Zero);
            }
            Assert.That(kept.Select(k => k.Values[0]).Distinct().Count(), Is.EqualTo(40));
            return allocated;
        }
    }

    /// <summary>A parameter's place is recycled by the next tape, as new; two tapes at once have each their own.</summary>
    [Test]
    public void TheNextTapeRecyclesAParametersPlace()
    {
        var w = new Parameter("w", Row(3, 5));
        Var first;
        using (var tape = new Tape(_device))
        {
            first = tape.Use(w);
            Assert.That(tape.Gradients(first.Square().Sum(), [w])[w].Value.ToArray(), Is.EqualTo(new float[] { 6, 10 }));
            using var other = new Tape(_device);
            Assert.That(other.Use(w), Is.Not.SameAs(first));
        }
        using (var tape = new Tape(_device))
        {
            var again = tape.Use(w);
            Assert.That((again, again.Tape), Is.EqualTo((first, tape)));
            Assert.That(tape.Use(w), Is.SameAs(again));
            var x = tape.Variable(Row(1, 2));
            Assert.That(() => tape.Gradients(x.Sum(), [x])[again], Throws.InvalidOperationException, "what it was a target of has ended");
            Assert.That(tape.Gradients(x.Sum(), [w])[w].Value.ToArray(), Has.All.Zero, "the gradient of before");
            Assert.That(tape.Gradients(again.Sum(), [w])[w].Value.ToArray(), Has.All.EqualTo(1));
        }
    }

    [Test]
    public void AnEndedTapesGradientsAreRefused()
    {
        var tape = new Tape(_device);
        var x = tape.Variable(Row(1, 2));
        var gradients = tape.Gradients(x.Square().Sum(), [x]);
        tape.Dispose();
        Assert.That(() => gradients[x], Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void ATargetThatTheLossDoesNotDependOnHasZeros()
    {
        var far = new Parameter("far", Row(1, 2, 3));
        var later = new Parameter("later", Row(1, 2));
        using var tape = new Tape(_device);
        Var x = tape.Variable(Row(1, 2)), loss = x.Sum();
        tape.Use(later).Multiply(x);
        var gradients = tape.Gradients(loss, [far, later]);
        Assert.That(gradients[far].Value.ToArray(), Is.EqualTo(new float[3]));
        Assert.That(gradients[later].Value.ToArray(), Is.EqualTo(new float[2]));
        Assert.That(tape.Gradients(loss, [loss])[loss].Item(), Is.EqualTo(1));
        Assert.That(tape.Gradients(tape.Constant(Row(1)), [x])[x].Value.ToArray(), Is.EqualTo(new float[2]), "nor does a constant");
    }

    [Test]
    public void StaleGradientsAreRefused()
    {
        var p = new Parameter("fc1.weight", Row(1, 2));
        using var tape = new Tape(_device);
        var loss = tape.Use(p).Square().Sum();
        var old = tape.Gradients(loss, [p]);
        var gradients = tape.Gradients(loss, [p]);
        Assert.That(() => old[p], Throws.InvalidOperationException.With.Message.Contains("fc1.weight was not a target of this sweep"));
        Assert.That(gradients[p].Value.ToArray(), Is.EqualTo(new float[] { 2, 4 }));
        var other = new Parameter("fc2.weight", Row(1));
        Assert.That(() => gradients[other], Throws.InvalidOperationException.With.Message.Contains("fc2.weight"));
    }

    [Test]
    public void AGradientOfAnotherTapeIsRefused()
    {
        using var tape = new Tape(_device);
        using var another = new Tape(_device);
        Var x = tape.Variable(Row(1)), y = another.Variable(Row(1));
        var gradients = tape.Gradients(x.Square(), [x]);
        another.Gradients(y.Square(), [y]); // the sweeps have the same number
        Assert.That(() => gradients[y], Throws.InvalidOperationException);
        Assert.That(
            () => tape.Gradients(y.Square(), [x]),
            Throws.ArgumentException.With.Message.EqualTo("Gradients: the loss is on another tape"));
        Assert.That(
            () => tape.Gradients(x.Square(), [y]),
            Throws.ArgumentException.With.Message.Contains("the target [1] is on another tape"));
        Assert.That(() => x.Add(y), Throws.ArgumentException.With.Message.Contains("values of two tapes"));
    }

    [Test]
    public void ALossMustBeASingleNumber()
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Row(1, 2));
        Assert.That(() => tape.Gradients(x.Square(), [x]),
            Throws.ArgumentException.With.Message.EqualTo("Gradients: the loss is [2], not a single number; take its mean or sum first"));
    }

    [Test]
    public void ConstantsGetNoGradient()
    {
        using var tape = new Tape(_device);
        Var c = tape.Constant(Row(1, 2)), x = tape.Variable(Row(3, 4));
        var made = c.Square();
        Assert.That((c.RequiresGradient, made.RequiresGradient), Is.EqualTo((false, false)));
        Assert.That((x.RequiresGradient, made.Multiply(x).RequiresGradient), Is.EqualTo((true, true)));
        Assert.That(() => tape.Gradients(made.Multiply(x).Sum(), [c]),
            Throws.ArgumentException.With.Message.EqualTo(
                "Gradients: the target [2] is a constant, which no gradient flows to; make it a Variable"));
    }

    [Test]
    public void PlainGradientsAreConstantsAndDifferentiableOnesAreNot()
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Row(2));
        var cube = x.Square().Multiply(x).Sum();
        Assert.That(tape.Gradients(cube, [x])[x].RequiresGradient, Is.False);
        var first = tape.Gradients(cube, [x], differentiable: true)[x];
        Assert.That((first.RequiresGradient, first.Item()), Is.EqualTo((true, 12f)));
        Assert.That(tape.Gradients(first, [x])[x].Item(), Is.EqualTo(12), "6x");
    }

    [Test]
    public void AThirdDerivativeOfAFormulaIsRefused()
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Row(2));
        var first = tape.Gradients(x.Tanh().Sum(), [x], differentiable: true)[x];
        var second = tape.Gradients(first.Sum(), [x], differentiable: true)[x];
        Assert.That(() => tape.Gradients(second.Sum(), [x]),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo(
                "Tanh: a third derivative is not available; ask for the second with differentiable: false"));
        Assert.That(tape.Gradients(x.Square().Sum(), [x])[x].Item(), Is.EqualTo(4), "the tape is as good as before");
    }

    [Test]
    public void ATapeThatHasEndedRefuses()
    {
        var p = new Parameter("p", Row(1, 2));
        var tape = new Tape(_device);
        Var y = tape.Use(p).Square(), constant = tape.Constant(p.Value);
        var gradients = tape.Gradients(y.Sum(), [p]);
        tape.Dispose();
        tape.Dispose();
        const string Sentence = "its storage was handed back; copy what must outlive the tape that made it";
        Assert.Multiple(() =>
        {
            Assert.That(() => y.Value.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("Tensor [2]: " + Sentence));
            foreach (var use in (Action[])[
                () => constant.Square(), () => y.Add(y), () => tape.Use(p), () => tape.Constant(p.Value), () => _ = gradients[p],
                () => tape.Gradients(y, [p]), () => tape.Gradients(y, [y])])
            {
                Assert.That(use, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("it has ended"));
            }
            Assert.That(p.Value.ToArray(), Is.EqualTo(new float[] { 1, 2 }), "what the caller brought stays");
        });
    }

    [Test]
    public void EveryBlockComesBack()
    {
        var inputs = OpTable.Structured.Select(row => (row, row.Inputs(_device, 3, 5))).ToArray();
        int rented = _device.RentedBlocks;
        foreach (var (row, values) in inputs)
        {
            using var tape = new Tape(_device);
            var first = tape.Gradients(row.On(tape, values).Sum(), values, differentiable: true);
            _ = tape.Gradients(first[values[0]].Sum(), values)[values[0]];
            Assert.That(_device.RentedBlocks, Is.GreaterThan(rented));
            tape.Dispose();
            Assert.That(_device.RentedBlocks, Is.EqualTo(rented), row.Name);
        }
    }

    [Test]
    public void ShapesThatDoNotFitAreRefusedAndLeakNothing()
    {
        Tensor matrix = Matrix(3, 4), other = Matrix(4, 3), row5 = Row(1, 2, 3, 4, 5);
        int rented = _device.RentedBlocks;
        using (var tape = new Tape(_device))
        {
            Var a = tape.Variable(matrix), b = tape.Variable(other), row = tape.Variable(row5);
            Assert.Multiple(() =>
            {
                Refused(() => a.Add(b), "Add: [3,4] with [4,3]: the shapes must be equal");
                Refused(() => a.Subtract(b), "Subtract: [3,4] with [4,3]: the shapes must be equal");
                Refused(() => a.Multiply(b), "Multiply: [3,4] with [4,3]: the shapes must be equal");
                Refused(() => a.AddRow(row), "Add: [3,4] with [5]: the row must have 4 elements, one for each column");
                Refused(() => a.MultiplyRow(row), "Multiply: [3,4] with [5]: the row must have 4 elements, one for each column");
                Refused(() => a.MatMul(a), "MatMul: [3,4] x [3,4]: 4 columns meet 3 rows; transpose one side?");
                Refused(() => a.MatMul(b, transposeA: true), "MatMul: [3,4]ᵀ x [4,3]: 3 columns meet 4 rows; transpose one side?");
                Refused(() => a.MatMul(row), "MatMul: [3,4] x [5]: both must be matrices");
                Refused(() => a.Linear(b, row), "Linear: [4,3] with [5]: the row must have 3 elements");
                Refused(() => a.BatchNorm(row, row, 1e-3f, out _, out _), "BatchNorm: [3,4] with [5]");
                Refused(() => a.BatchNorm(row, row, row5, row5, 1e-3f), "BatchNorm: [3,4] with [5]");
                Refused(() => a.Repeat(new Shape(2, 2)), "Repeat: [3,4] with [2,2]: only a single number");
                Refused(() => row.RepeatRows(new Shape(2, 4)), "RepeatRows: [2,4] with [5]");
                Refused(() => row.RepeatColumns(new Shape(2, 4)), "RepeatColumns: [5] with [2,4]");
                Refused(() => tape.Constant(Matrix(0, 4)).Mean(), "Mean: [0,4] has no elements");
                var row4 = tape.Variable(Row(1, 2, 3, 4));
                Refused(
                    () => tape.Constant(Matrix(0, 4)).BatchNorm(row4, row4, 1e-3f, out _, out _), "BatchNorm: [0,4] has no samples");
            });
        }
        Assert.That(_device.RentedBlocks, Is.EqualTo(rented + 3), "the three tensors of the last lines are the test's own");

        static void Refused(Action act, string message) => Assert.That(act, Throws.ArgumentException.With.Message.StartsWith(message));
    }

    [Test]
    public void AnOpThatHandsOverAWrongShapeIsNamed()
    {
        using var tape = new Tape(_device);
        var x = tape.Variable(Row(1, 2));
        var y = tape.Record(Row(1, 2), new WrongShape(x));
        Assert.That(() => tape.Gradients(y.Sum(), [x]),
            Throws.InvalidOperationException.With.Message.EqualTo("a gradient [1] was handed to a value [2]"));
    }

    private Tensor Row(params float[] values) => Tensor.From(_device, new Shape(values.Length), values);

    private Tensor Matrix(int rows, int columns) => Tensor.Filled(_device, new Shape(rows, columns), 0.5f);

    private sealed class Counts
    {
        public int Asked { get; set; }

        public int ForA { get; set; }

        public int ForB { get; set; }

        public void Clear() => Asked = ForA = ForB = 0;
    }

    /// <summary>a + b, which counts what it is asked for.</summary>
    private sealed class Counted(Var a, Var b, Counts counts) : Op(a, b)
    {
        public static Var Apply(Var a, Var b, Counts counts)
        {
            var y = a.Tape.Rent(a.Shape);
            Elementwise.Zip(default(Add), a.Value, b.Value, y);
            return a.Tape.Record(y, new Counted(a, b, counts));
        }

        public override void Backward(Var y, Var dy, GradientAccumulator gradients)
        {
            counts.Asked++;
            if (gradients.Needs(A))
                counts.ForA++;
            if (gradients.Needs(B))
                counts.ForB++;
            gradients.Add(A, dy);
            gradients.Add(B!, dy);
        }
    }

    private sealed class WrongShape(Var x) : Op(x)
    {
        public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.Sum());
    }

    /// <summary>
    /// What a weight's gradient is a product of may wait; whoever reads it before or after an update finds the same numbers.
    /// </summary>
    [Test]
    public void AWeightsGradientCanBeReadAtAnyTime([Values(1, 2, 3)] int uses, [Values] bool readsFirst)
    {
        using Tensor value = Numbers.Some(_device, new Shape(20, 32), seed: 1), bias = Tensor.Filled(_device, new Shape(32), 0);
        float[] before = value.ToArray();
        Parameter w = new("w", value), b = new("b", bias);
        using var adam = new Adam([w, b], 0.01f);
        var inputs = Enumerable.Range(0, uses).Select(i => Numbers.Some(_device, new Shape(9 + i, 20), seed: 10 + i)).ToArray();
        using var tape = new Tape(_device);
        var losses = inputs.Select(x => tape.Constant(x).Linear(tape.Use(w), tape.Use(b), default(Tanh)).Square().Sum());
        var loss = losses.Aggregate((x, y) => x.Add(y));
        float[] want = tape.Gradients(loss, [w, b], differentiable: true)[w].Value.ToArray(); // there nothing waits
        var gradients = tape.Gradients(loss, [w, b]);
        float[]? read = readsFirst ? gradients[w].Value.ToArray() : null;
        adam.Step(gradients);
        Assert.That(value.ToArray(), Is.Not.EqualTo(before));
        Numbers.AssertClose(read ?? gradients[w].Value.ToArray(), Array.ConvertAll(want, x => (double)x), 1e-5, "the gradient");
        using var alone = Tensor.From(_device, value.Shape, before);
        Parameter again = new("w", alone);
        using var another = new Adam([again], 0.01f);
        using var copy = new Tape(_device);
        another.Step(copy.Gradients(copy.Use(again).Multiply(copy.Constant(gradients[w].Value)).Sum(), [again]));
        Numbers.AssertSame(value.ToArray(), alone.ToArray(), "the update");
        foreach (var input in inputs)
            input.Dispose();
    }

    /// <summary>Two weights multiplied: neither's gradient may wait until the other was updated.</summary>
    [Test]
    public void AProductOfParametersDoesNotWait([Values] bool transposed, [Values] bool reshaped)
    {
        using var one = Numbers.Some(_device, new Shape(8, 16), seed: 1);
        using var two = Numbers.Some(_device, transposed ? new Shape(32, 16) : new Shape(16, 32), seed: 2);
        Parameter a = new("a", one), b = new("b", two);
        float[] oneBefore = one.ToArray();
        using var adam = new Adam([a, b], 0.5f);
        using var tape = new Tape(_device);
        var first = reshaped ? tape.Use(a).Reshape(new Shape(128)).Reshape(new Shape(8, 16)) : tape.Use(a);
        var gradients = tape.Gradients(first.MatMul(tape.Use(b), transposeB: transposed).Sum(), [a, b]);
        adam.Step(gradients);
        float[] got = gradients[b].Value.ToArray();
        for (int i = 0; i < got.Length; i++)
        {
            int k = transposed ? i % 16 : i / 32;
            Assert.That(got[i], Is.EqualTo(Enumerable.Range(0, 8).Sum(r => oneBefore[(r * 16) + k])).Within(1e-5));
        }
    }
}

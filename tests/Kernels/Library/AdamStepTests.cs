using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
public class AdamStepTests
{
    internal static readonly AdamNumbers Third = new(
        Rate: (float)(0.002 / (1 - Math.Pow(0.5, 3))),
        Beta1: 0.5f,
        Beta2: 0.99f,
        RootCorrection: (float)(1 / Math.Sqrt(1 - Math.Pow((double)0.99f, 3))),
        Epsilon: 1e-8f,
        Mark: 3);

    /// <summary>
    /// Slots whose ends fall within, at and past a chunk, and one that is empty: the units are counted through all of them.
    /// </summary>
    [Test]
    public void EverySlotIsUpdatedOnce([Values(1, 2, 3, 5)] int threads)
    {
        using var device = new CpuDevice(threads);
        CheckSlots(device, [1, 0, 17, 2047, 2048, 2049, 16, 40009, 0, 1023, 15]);
    }

    /// <summary>One update of slots of these lengths, against a loop over their elements.</summary>
    internal static void CheckSlots(Device device, int[] lengths)
    {
        var slots = lengths.Select((length, i) => new AdamSlot(
            Numbers.Some(device, new Shape(length), seed: i),
            Numbers.Some(device, new Shape(length), seed: 100 + i, size: 0.1f),
            Numbers.Some(device, new Shape(length), seed: 200 + i, size: 0.1f),
            Tensor.From(device, new Shape(length), Array.ConvertAll(Numbers.Some(length, 300 + i, 0.01f), MathF.Abs)))).ToArray();
        var before = Array.ConvertAll(
            slots, s => (P: s.Value.ToArray(), G: s.Gradient!.ToArray(), M: s.Mean.ToArray(), V: s.Square.ToArray()));

        using var faults = Tensor.Filled(device, new Shape(slots.Length), 0);

        AdamStep.Run(slots, Third, faults);

        Assert.That(faults.ToArray(), Is.All.Zero);
        for (int s = 0; s < slots.Length; s++)
        {
            var (p, g, m, v) = before[s];
            for (int i = 0; i < p.Length; i++)
            {
                m[i] = InstructionSets.MultiplyAdd(Third.Beta1, m[i], (1f - Third.Beta1) * g[i]);
                v[i] = InstructionSets.MultiplyAdd(Third.Beta2, v[i], (1f - Third.Beta2) * (g[i] * g[i]));
                p[i] -= Third.Rate * m[i] / InstructionSets.MultiplyAdd(MathF.Sqrt(v[i]), Third.RootCorrection, Third.Epsilon);
            }
            Numbers.AssertSame(slots[s].Mean.ToArray(), m, $"mean of slot {s}");
            Numbers.AssertSame(slots[s].Square.ToArray(), v, $"square of slot {s}");
            Numbers.AssertSame(slots[s].Value.ToArray(), p, $"slot {s}");
            Numbers.AssertSame(slots[s].Gradient!.ToArray(), g, $"gradient of slot {s}");
            foreach (var tensor in (Tensor[])[slots[s].Value, slots[s].Gradient!, slots[s].Mean, slots[s].Square])
                tensor.Dispose();
        }
    }

    /// <summary>
    /// An update fused with the product of its gradient gives the bits of one whose gradient is computed first, whatever is read in place
    /// or packed, on any number of threads.
    /// </summary>
    [Test]
    public void AFusedUpdateHasTheBitsOfAGradient(
        [Values(1, 2, 3)] int threads,
        [Values(1, 7, 16, 37, 64, 512, 1040)] int inputs,
        [Values(1, 10, 16, 48, 49, 112, 784, 1024)] int outputs)
    {
        using var device = new CpuDevice(threads);
        foreach (var (rows, more) in new[] { (128, 0), (100, 100), (1, 0), (9, 17), (0, 3) })
        {
            var kept = new List<Tensor>();
            Tensor Some(int seed, int m, int n)
            {
                kept.Add(Numbers.Some(device, new Shape(m, n), seed, 0.3f));
                return kept[^1];
            }

            var otherShare = more == 0 ? null : new DeferredGradient(Some(3, more, inputs), Some(4, more, outputs));
            var product = new DeferredGradient(Some(1, rows, inputs), Some(2, rows, outputs), otherShare);
            Assert.That(AdamStep.CanFuse(product));
            Tensor value = Some(5, inputs, outputs), mean = Some(6, inputs, outputs);
            Tensor square = Some(7, inputs, outputs), gradient = Some(8, inputs, outputs);
            square.CopyFrom(Array.ConvertAll(square.ToArray(), MathF.Abs));
            Tensor wantValue = Copy(value), wantMean = Copy(mean), wantSquare = Copy(square);
            using var faults = Tensor.Filled(device, new Shape(1), 0);
            MatMul.Run(product.X!, true, product.Dy, false, gradient);
            if (product.More is { } second)
                MatMul.Accumulate(second.X!, true, second.Dy, false, gradient);
            AdamStep.Run([new(wantValue, gradient, wantMean, wantSquare)], Third, faults);

            AdamStep.Run([new(value, null, mean, square, product)], Third, faults);

            string what = $"{rows}+{more}, {inputs}x{outputs}";
            Numbers.AssertSame(value.ToArray(), wantValue.ToArray(), $"weights {what}");
            Numbers.AssertSame(mean.ToArray(), wantMean.ToArray(), $"means {what}");
            Numbers.AssertSame(square.ToArray(), wantSquare.ToArray(), $"squares {what}");
            Assert.That(faults.ToArray(), Is.All.Zero);
            foreach (var tensor in kept)
                tensor.Dispose();

            Tensor Copy(Tensor tensor)
            {
                kept.Add(Tensor.From(device, tensor.Shape, tensor.ToArray()));
                return kept[^1];
            }
        }
    }

    [Test]
    public void AFaultOfAProductIsMarked([Values(1, 2)] int threads, [Values(0, 40, 99)] int row)
    {
        using var device = new CpuDevice(threads);
        using Tensor x = Numbers.Some(device, new Shape(100, 64), seed: 1), dy = Numbers.Some(device, new Shape(100, 48), seed: 2);
        using Tensor value = Numbers.Some(device, new Shape(64, 48), seed: 3), mean = Numbers.Some(device, new Shape(64, 48), seed: 4);
        using Tensor square = Tensor.Filled(device, new Shape(64, 48), 1), good = Tensor.Filled(device, new Shape(5), 1);
        using var faults = Tensor.Filled(device, new Shape(2), 0);
        float[] numbers = x.ToArray();
        numbers[(row * 64) + 63] = float.NaN;
        x.CopyFrom(numbers);
        AdamStep.Run([new(good, good, good, good), new(value, null, mean, square, new(x, dy))], Third, faults);
        Assert.That(faults.ToArray(), Is.EqualTo(new float[] { 0, Third.Mark }));
        Assert.That(value.ToArray().Chunk(48).Select(r => r.All(float.IsFinite)), Is.EqualTo(Enumerable.Range(0, 64).Select(r => r != 63)));
    }

    [Test]
    public void ProductsThatDoNotFitAreRefused()
    {
        using var device = new CpuDevice(1);
        using Tensor x = Tensor.Filled(device, new Shape(3, 4), 1), dy = Tensor.Filled(device, new Shape(3, 5), 1);
        using Tensor w = Tensor.Filled(device, new Shape(4, 5), 1), wide = Tensor.Filled(device, new Shape(3, 6), 1);
        using Tensor manyX = new(device, new Shape(300, 4)), manyDy = new(device, new Shape(300, 5));
        using var faults = Tensor.Filled(device, new Shape(1), 0);
        AssertRefused(new(x, wide), "[3,4] with [3,6]", "not a gradient of [4,5]");
        AssertRefused(new(x, dy, new(x, wide)), "[3,4] with [3,6]", "not a gradient of [4,5]");
        AssertRefused(new(manyX, manyDy), "the gradient of [4,5] has to be computed first");
        AssertRefused(new(x, dy, new(x, dy, new(x, dy))), "the gradient of [4,5] has to be computed first");
        AssertRefused(null, "the gradient of [4,5] has to be computed first");
        Assert.That(w.ToArray(), Is.All.EqualTo(1f));

        void AssertRefused(DeferredGradient? gradient, params string[] words) =>
            Numbers.AssertRefused(() => AdamStep.Run([new(w, null, w, w, gradient)], Third, faults), "Adam", words);
    }

    [Test]
    public void FaultsAreMarked([Values(1, 2, 3, 5)] int threads)
    {
        using var device = new CpuDevice(threads);
        CheckFaults(device);
    }

    /// <summary>
    /// A gradient, value or mean that isn't finite, or a gradient whose square is too great, at the start, in the middle and at the end of
    /// slots within and past a chunk, each beside a sound slot; then an update in which the sound ones go wrong: the first marks stay.
    /// </summary>
    internal static void CheckFaults(Device device)
    {
        (int Operand, float Number)[] kinds =
            [(1, float.NaN), (1, float.PositiveInfinity), (1, -1e20f), (0, float.NegativeInfinity), (2, float.NaN)];
        var planted = from length in (int[])[1, 37, 2049]
                      from kind in kinds
                      from place in (int[])[0, length / 2, length - 1]
                      select (length, kind, place);
        var faulty = planted.ToArray();
        var slots = faulty.SelectMany((fault, i) => (AdamSlot[])[Slot(fault.length, i, fault), Slot(fault.length, i, null)]).ToArray();
        using var faults = Tensor.Filled(device, new Shape(slots.Length), 0);

        AdamStep.Run(slots, Third, faults);
        Assert.That(faults.ToArray(), Is.EqualTo(slots.Select((_, i) => i % 2 == 0 ? 3f : 0f)));

        for (int i = 1; i < slots.Length; i += 4)
            slots[i].Gradient!.CopyFrom(Enumerable.Repeat(float.NaN, slots[i].Gradient!.Count).ToArray());
        AdamStep.Run(slots, Third with { Mark = 4 }, faults);
        Assert.That(faults.ToArray(), Is.EqualTo(slots.Select((_, i) => i % 2 == 0 ? 3f : i % 4 == 1 ? 4f : 0f)));

        foreach (var slot in slots)
        {
            foreach (var tensor in (Tensor[])[slot.Value, slot.Gradient!, slot.Mean, slot.Square])
                tensor.Dispose();
        }

        AdamSlot Slot(int length, int seed, (int Length, (int Operand, float Number) Kind, int Place)? fault)
        {
            var operands = Enumerable.Range(0, 4)
                .Select(operand => Array.ConvertAll(Numbers.Some(length, (4 * seed) + operand, 0.1f), MathF.Abs)).ToArray();
            if (fault is { } planted)
                operands[planted.Kind.Operand][planted.Place] = planted.Kind.Number;
            Tensor[] t = Array.ConvertAll(operands, numbers => Tensor.From(device, new Shape(length), numbers));
            return new(t[0], t[1], t[2], t[3]);
        }
    }

    /// <summary>The greatest numbers that are still finite are no fault.</summary>
    [Test]
    public void GreatNumbersAreNoFault()
    {
        using var device = new CpuDevice(1);
        using var great = Tensor.Filled(device, new Shape(33), float.MaxValue);
        using var gradient = Tensor.Filled(device, new Shape(33), 1e19f);
        using var mean = Tensor.Filled(device, new Shape(33), -1e19f);
        using var square = Tensor.Filled(device, new Shape(33), float.MaxValue / 2);
        using var faults = Tensor.Filled(device, new Shape(1), 0);
        AdamStep.Run([new AdamSlot(great, gradient, mean, square)], Third, faults);
        Assert.That(faults.Item(), Is.Zero);
    }

    [Test]
    public void ThreeStepsAreTheAlgorithmOfThePaper()
    {
        using var device = new CpuDevice(1);
        const int N = 37;
        const double Rate = 0.002, B1 = 0.5, Epsilon = 1e-8;
        double b2 = 0.99f;
        using var p = Numbers.Some(device, new Shape(N), seed: 1);
        using var m = Tensor.Filled(device, new Shape(N), 0);
        using var v = Tensor.Filled(device, new Shape(N), 0);
        using var faults = Tensor.Filled(device, new Shape(1), 0);
        double[] wantP = Array.ConvertAll(p.ToArray(), x => (double)x), wantM = new double[N], wantV = new double[N];
        for (int t = 1; t <= 3; t++)
        {
            using var g = Numbers.Some(device, new Shape(N), seed: 10 + t);
            double correction1 = 1 - Math.Pow(B1, t), correction2 = 1 - Math.Pow(b2, t);
            var numbers = new AdamNumbers(
                (float)(Rate / correction1), (float)B1, (float)b2, (float)(1 / Math.Sqrt(correction2)), (float)Epsilon, t);
            AdamStep.Run([new AdamSlot(p, g, m, v)], numbers, faults);
            float[] gs = g.ToArray();
            for (int i = 0; i < N; i++)
            {
                wantM[i] = (B1 * wantM[i]) + ((1 - B1) * gs[i]);
                wantV[i] = (b2 * wantV[i]) + ((1 - b2) * gs[i] * gs[i]);
                double mHat = wantM[i] / (1 - Math.Pow(B1, t)), vHat = wantV[i] / (1 - Math.Pow(b2, t));
                wantP[i] -= Rate * mHat / (Math.Sqrt(vHat) + Epsilon);
            }
        }
        Numbers.AssertClose(p.ToArray(), wantP, 3e-7, "parameters");
        Numbers.AssertClose(m.ToArray(), wantM, 3e-7, "means");
        Numbers.AssertClose(v.ToArray(), wantV, 3e-7, "squares");
    }

    [Test]
    public void NoSlotsIsNoWork()
    {
        using var device = new CpuDevice(1);
        using var none = new Tensor(device, new Shape(0));
        Assert.DoesNotThrow(() => AdamStep.Run([], Third, none));
    }

    [Test]
    public void ShapesThatDoNotFitAreRefusedBeforeAnythingMoves()
    {
        using var device = new CpuDevice(1);
        using var good = Tensor.Filled(device, new Shape(2, 3), 1);
        using var bad = Tensor.Filled(device, new Shape(3, 2), 1);
        using var faults = Tensor.Filled(device, new Shape(2), 0);
        for (int wrong = 1; wrong < 4; wrong++)
        {
            Tensor[] t = [good, good, good, good];
            t[wrong] = bad;
            AdamSlot[] slots = [new(good, good, good, good), new(t[0], t[1], t[2], t[3])];
            Numbers.AssertRefused(() => AdamStep.Run(slots, Third, faults), "Adam", "[2,3] with [3,2]", "the shapes must be equal");
        }
        Numbers.AssertRefused(
            () => AdamStep.Run([new(good, good, good, good)], Third, faults), "Adam", "[2] faults for 1 slots", "each slot has its own");
        Assert.That(good.ToArray(), Is.All.EqualTo(1f));
    }
}

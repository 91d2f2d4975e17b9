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
        Epsilon: 1e-8f);

    /// <summary>Slots whose ends fall within, at and past a chunk, and one that is empty: the units are counted through all of them.</summary>
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
        var before = Array.ConvertAll(slots, s => (P: s.Value.ToArray(), G: s.Gradient.ToArray(), M: s.Mean.ToArray(), V: s.Square.ToArray()));

        AdamStep.Run(slots, Third);

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
            Numbers.AssertSame(slots[s].Gradient.ToArray(), g, $"gradient of slot {s}");
            foreach (var tensor in (Tensor[])[slots[s].Value, slots[s].Gradient, slots[s].Mean, slots[s].Square])
                tensor.Dispose();
        }
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
        double[] wantP = Array.ConvertAll(p.ToArray(), x => (double)x), wantM = new double[N], wantV = new double[N];
        for (int t = 1; t <= 3; t++)
        {
            using var g = Numbers.Some(device, new Shape(N), seed: 10 + t);
            AdamStep.Run([new AdamSlot(p, g, m, v)], new AdamNumbers(
                (float)(Rate / (1 - Math.Pow(B1, t))), (float)B1, (float)b2, (float)(1 / Math.Sqrt(1 - Math.Pow(b2, t))), (float)Epsilon));
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
    public void NoSlotsIsNoWork() => Assert.DoesNotThrow(() => AdamStep.Run([], Third));

    [Test]
    public void ShapesThatDoNotFitAreRefusedBeforeAnythingMoves()
    {
        using var device = new CpuDevice(1);
        using var good = Tensor.Filled(device, new Shape(2, 3), 1);
        using var bad = Tensor.Filled(device, new Shape(3, 2), 1);
        for (int wrong = 1; wrong < 4; wrong++)
        {
            Tensor[] t = [good, good, good, good];
            t[wrong] = bad;
            AdamSlot[] slots = [new(good, good, good, good), new(t[0], t[1], t[2], t[3])];
            Numbers.AssertRefused(() => AdamStep.Run(slots, Third), "Adam", "[2,3] with [3,2]", "the shapes must be equal");
        }
        Assert.That(good.ToArray(), Is.All.EqualTo(1f));
    }
}

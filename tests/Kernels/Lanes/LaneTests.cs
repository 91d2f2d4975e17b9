using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Every operation of a lane: the right number alone, and the same bits among sixteen.</summary>
[Category(InstructionSets.EveryWidth)]
public unsafe class LaneTests
{
    private delegate V Operation<V>(V a, V b, V c)
        where V : struct, IFloatLane<V>;

    private static readonly float[] Values = [.. Sweep.Special, .. Numbers.Some(40, seed: 3), .. Numbers.Some(20, seed: 4, size: 1e20f)];

    [Test]
    public void Operators()
    {
        Check("+", (a, b, c) => a + b, (a, b, c) => a + b, (a, b, c) => a + b);
        Check("-", (a, b, c) => a - b, (a, b, c) => a - b, (a, b, c) => a - b);
        Check("*", (a, b, c) => a * b, (a, b, c) => a * b, (a, b, c) => a * b);
        Check("/", (a, b, c) => a / b, (a, b, c) => a / b, (a, b, c) => a / b);
        Check("negation", (a, b, c) => -a, (a, b, c) => -a, (a, b, c) => -a);
    }

    [Test]
    public void MultiplyAddRoundsOnceWhereTheMachineCan() => Check(
        "MultiplyAdd", Scalar.MultiplyAdd, Simd.MultiplyAdd, InstructionSets.MultiplyAdd);

    [Test]
    public void Choices()
    {
        Check("IfPositive", Scalar.IfPositive, Simd.IfPositive, (x, positive, otherwise) => x > 0 ? positive : otherwise);
        Check("IfLess", (a, b, c) => Scalar.IfLess(a, b, c, a), (a, b, c) => Simd.IfLess(a, b, c, a), (a, b, c) => a < b ? c : a);
    }

    /// <summary>One number that isn't finite, in any place, among sixteen that are, and the greatest ones.</summary>
    [Test]
    public void FiniteOrNot()
    {
        float* x = stackalloc float[16];
        foreach (float value in Values)
        {
            Assert.That(Scalar.AllFinite(new Scalar(value)), Is.EqualTo(float.IsFinite(value)), $"{value}");
            for (int i = 0; i < 16; i++)
            {
                Simd.Store(x, Simd.Of(i % 2 == 0 ? float.MaxValue : float.MinValue));
                x[i] = value;
                Assert.That(Simd.AllFinite(Simd.Load(x)), Is.EqualTo(float.IsFinite(value)), $"{value} in place {i}");
            }
        }
    }

    [Test]
    public void Shapes()
    {
        Check("Abs", (a, b, c) => Scalar.Abs(a), (a, b, c) => Simd.Abs(a), (a, b, c) => MathF.Abs(a));
        Check("Sqrt", (a, b, c) => Scalar.Sqrt(a), (a, b, c) => Simd.Sqrt(a), (a, b, c) => MathF.Sqrt(a));
        Check("Round", (a, b, c) => Scalar.Round(a), (a, b, c) => Simd.Round(a), (a, b, c) => MathF.Round(a, MidpointRounding.ToEven));
        Check(
            "WithSign",
            (a, b, c) => Scalar.WithSign(Scalar.Abs(a), b),
            (a, b, c) => Simd.WithSign(Simd.Abs(a), b),
            (a, b, c) => MathF.CopySign(a, b));
    }

    [Test]
    public void ScaleIsRightPastBothEndsOfTheRange()
    {
        foreach (float x in (float[])[1f, 1.5f, 0.7071068f, 1.4142135f, 1.9999999f, -1.25f, 0f])
        {
            for (int n = -252; n <= 254; n++)
            {
                float right = (float)Math.ScaleB(x, n);
                Assert.That(Scalar.Scale(new Scalar(x), new Scalar(n)).Value, Is.EqualTo(right), $"{x} · 2^{n}");
                Assert.That(Simd.Scale(Simd.Of(x), Simd.Of(n)).Value[5], Is.EqualTo(right), $"{x} · 2^{n}");
            }
        }
    }

    [Test]
    public void SplitTakesEveryNormalNumberApart()
    {
        foreach (float x in Sweep.Floats(99991).Where(x => float.IsNormal(x) && x > 0))
        {
            float m = Scalar.Split(new Scalar(x), out var n).Value;
            var sixteen = Simd.Split(Simd.Of(x), out var sixteenN);
            Assert.That(Math.ScaleB(m, (int)n.Value), Is.EqualTo((double)x));
            Assert.That(m, Is.InRange(0.70710677f, 1.4142135f));
            Assert.That((sixteen.Value[7], sixteenN.Value[7]), Is.EqualTo((m, n.Value)));
        }
    }

    [Test]
    public void TheSumOfSixteenFoldsHalves()
    {
        float[] x = Numbers.Some(16, seed: 5, size: 1e4f);
        float[] folded = [.. x];
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                folded[i] += folded[i + half];
        }
        fixed (float* from = x)
            Assert.That(Simd.Sum(Simd.Load(from)), Is.EqualTo(folded[0]));
    }

    [Test]
    public void UnitIsTheUpper24BitsOfAWord()
    {
        uint[] words = [0, 1, 255, 256, 0x7fffffff, 0x80000000, 0xfffffeff, 0xffffffff, 8, 9, 10, 11, 12, 13, 0x12345678, 0xdeadbeef];
        fixed (uint* from = words)
        {
            var unit = Simd.Unit(from);
            for (int i = 0; i < 16; i++)
                Assert.That(unit.Value[i], Is.EqualTo((words[i] >> 8) / 16777216.0));
        }
    }

    [Test]
    public void LoadsAndStoresAtAnyAlignment()
    {
        float[] from = Numbers.Some(40, seed: 6), to = new float[40];
        fixed (float* f = from, t = to)
        {
            Simd.Store(t + 3, Simd.Load(f + 1));
            Scalar.Store(t + 30, Scalar.Load(f + 39));
        }
        Numbers.AssertSame(to.AsSpan(3, 16), from.AsSpan(1, 16), "sixteen");
        Assert.That(to[30], Is.EqualTo(from[39]));
        Assert.That((Simd.Width, Scalar.Width), Is.EqualTo((16, 1)));
        Assert.That(to.Where((_, i) => i is < 3 or >= 19 and not 30), Is.All.Zero);
    }

    /// <summary>Every pair of values, with a third in turn.</summary>
    private static void Check(string name, Operation<Scalar> alone, Operation<Simd> sixteen, Func<float, float, float, float> right)
    {
        float* b = stackalloc float[16], c = stackalloc float[16], y = stackalloc float[16];
        int turn = 0;
        foreach (float a in Values)
        {
            for (int first = 0; first < Values.Length; first += 16)
            {
                for (int i = 0; i < 16; i++)
                {
                    b[i] = Values[(first + i) % Values.Length];
                    c[i] = Values[turn++ % Values.Length];
                }
                Simd.Store(y, sixteen(Simd.Of(a), Simd.Load(b), Simd.Load(c)));
                for (int i = 0; i < 16; i++)
                {
                    float one = alone(new Scalar(a), new Scalar(b[i]), new Scalar(c[i])).Value, want = right(a, b[i], c[i]);
                    if (!Numbers.Same(one, y[i]) || !Numbers.Same(one, want))
                        Assert.Fail($"{name} of {a:g9}, {b[i]:g9}, {c[i]:g9}: {one:g9} alone, {y[i]:g9} among sixteen, {want:g9} is right");
                }
            }
        }
    }
}

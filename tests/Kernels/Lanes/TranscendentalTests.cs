using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The bounds are the largest errors of a sweep over every 61st float, rounded up, with FMA and without; here every 997th is swept. The doc
/// comments of <see cref="Transcendental"/> and <see cref="Sigmoid"/> give the same figures.
/// </summary>
[Category(InstructionSets.EveryWidth)]
public class TranscendentalTests
{
    [Test]
    public void ExpIsNear() => AssertNear(Sweep.LargestError(new Exp(), Sweep.Floats()), 1.05);

    [Test]
    public void LogIsNear() => AssertNear(Sweep.LargestError(new Log(), Sweep.Floats()), 0.85);

    [Test]
    public void Log1PIsNear() => AssertNear(Sweep.LargestError(new Log1P(), Sweep.Floats(), x => !(x < 0)), 1.3);

    [Test]
    public void Log1PBelowZero() => AssertNear(Sweep.LargestError(new Log1P(), Sweep.Floats(), x => x < 0 && x > -1), 1.45);

    [Test]
    public void TanhIsNear() => AssertNear(Sweep.LargestError(new Tanh(), Sweep.Floats()), 1.35);

    [Test]
    public void SineOfATurnIsNear() => AssertNear(Sweep.LargestError(new Sine(), Turns()), 2);

    [Test]
    public void CosineOfATurnIsNear() => AssertNear(Sweep.LargestError(new Cosine(), Turns()), 2);

    /// <summary>The product's own, subnormal results too.</summary>
    [Test]
    public void SigmoidIsNear() => AssertNear(Sweep.LargestError(new SigmoidOp(), Sweep.Floats()), 2.35);

    [Test]
    public void TanhIsOddAndExpOfNothingIsOne()
    {
        foreach (float x in Sweep.Floats(99991))
        {
            if (!Numbers.Same(Transcendental.Tanh(new Scalar(-x)).Value, -Transcendental.Tanh(new Scalar(x)).Value))
                Assert.Fail($"tanh(-({x:g9})) is not -tanh({x:g9})");
        }
        Assert.That(Transcendental.Exp(new Scalar(0f)).Value, Is.EqualTo(1f));
        Assert.That(Transcendental.Log(new Scalar(1f)).Value, Is.EqualTo(0f));
    }

    /// <summary>Box and Muller take the root of -2 ln(1 - u): a logarithm above 0 would be a NaN among the normal numbers.</summary>
    [Test]
    public unsafe void LogIsNegativeForEveryUniformNumber()
    {
        float* x = stackalloc float[Simd.Lanes];
        for (int k = 1; k <= 1 << 24; k += Simd.Lanes)
        {
            for (int i = 0; i < Simd.Lanes; i++)
                x[i] = MathF.Min(k + i, 1 << 24) / (1 << 24);
            Simd.Store(x, Transcendental.Log(Simd.Load(x)));
            for (int i = 0; i < Simd.Lanes; i++)
            {
                if (!(x[i] <= 0))
                    Assert.Fail($"ln({k + i} / 2^24) is {x[i]}");
            }
        }
    }

    private static IEnumerable<float> Turns()
    {
        for (uint bits = 0; bits <= BitConverter.SingleToUInt32Bits(1f); bits += 997)
            yield return BitConverter.UInt32BitsToSingle(bits);
        for (int k = 0; k < 1 << 24; k += 11) // what a random word becomes
            yield return k / (float)(1 << 24);
        foreach (float turn in (float[])[0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f, 1])
        {
            for (int near = -20; near <= 20; near++)
                yield return Math.Clamp(turn + (near / (float)(1 << 24)), 0, 1);
        }
    }

    private static void AssertNear((double Ulps, float At) error, double most) =>
        Assert.That(error.Ulps, Is.LessThanOrEqualTo(most), $"ulp at {error.At:g9}");

    private readonly struct Exp : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => V.Exp(x);

        public double Exact(double x) => Math.Exp(x);
    }

    private readonly struct Log : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => V.Log(x);

        public double Exact(double x) => Math.Log(x);
    }

    private readonly struct Log1P : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => V.Log1P(x);

        /// <summary>Kahan's way: the error of ln(1 + x) is that of 1 + x, which the quotient takes out again.</summary>
        public double Exact(double x)
        {
            double sum = 1 + x;
            return sum == 1 || double.IsPositiveInfinity(x) ? x : Math.Log(sum) * (x / (sum - 1));
        }
    }

    private readonly struct Tanh : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => V.Tanh(x);

        public double Exact(double x) => Math.Tanh(x);
    }

    private readonly struct Sine : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => Transcendental.SinCosOfTurn(x, out _);

        public double Exact(double x) => double.SinPi(2 * x);
    }

    private readonly struct Cosine : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V>
        {
            _ = Transcendental.SinCosOfTurn(x, out V cosine);
            return cosine;
        }

        public double Exact(double x) => double.CosPi(2 * x);
    }

    private readonly struct SigmoidOp : ISwept
    {
        public V Lane<V>(V x)
            where V : struct, IFloatLane<V> => default(Sigmoid).Forward(x);

        public double Exact(double x) => 1 / (1 + Math.Exp(-x));
    }
}

using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Powers, on a grid whose results reach from below the least float to above the greatest. The doc comment's figures are those of a grid with a
/// hundred times as many bases.
/// </summary>
[Category(InstructionSets.EveryWidth)]
public unsafe class PowTests
{
    private static double MostUlps => InstructionSets.Fused ? 1.05 : 150;

    [Test]
    public void PowersAreNear()
    {
        var xs = Sweep.Floats(199_999).Where(x => x > 0 && float.IsFinite(x));
        Assert.That(LargestError(xs, ExponentsFor), Is.LessThanOrEqualTo(MostUlps));
    }

    /// <summary>Where ln x is small, so that y is great.</summary>
    [Test]
    public void PowersOfNumbersNearOneAreNear()
    {
        var xs = Enumerable.Range(-2000, 4000).Select(k => 1 + (k / 4096f)).Concat(
            Enumerable.Range(-500, 1000).Select(k => BitConverter.Int32BitsToSingle(0x3f800000 + k)));
        Assert.That(LargestError(xs, ExponentsFor), Is.LessThanOrEqualTo(MostUlps));
    }

    [Test]
    public void PowersOfNegativeNumbersAreNear()
    {
        float[] ys = [.. Enumerable.Range(-40, 80), .. Enumerable.Range(0, 16).Select(k => 16_777_200f + (2 * k)), 8_388_607, 8_388_606.5f, -8_388_609];
        var xs = Sweep.Floats(1_999_993).Where(x => x < 0 && float.IsFinite(x)).Concat(
            Enumerable.Range(1, 100).Select(k => -1 - (k / 8_388_608f)));
        Assert.That(LargestError(xs, _ => ys), Is.LessThanOrEqualTo(MostUlps));
    }

    /// <summary>Zeros with their signs, ones, infinities and NaN are C's.</summary>
    [Test]
    public void SpecialPowersAreTheRightOnes()
    {
        float[] values = [.. Sweep.Special, -1.5f, 3, -3, 5, -5, 1e-40f, 16777215, -16777215, 16777217, 33554432, 1.5f];
        Assert.That(LargestError(values, _ => values), Is.LessThanOrEqualTo(MostUlps));
        foreach (float x in values)
        {
            foreach (float y in values)
            {
                double right = Math.Pow(x, y);
                float got = Transcendental.Pow(new Scalar(x), new Scalar(y)).Value;
                bool exact = right is 0 or 1 or -1 || !double.IsFinite(right);
                if (exact ? !Numbers.Same(got, (float)right) : float.IsNegative(got) != double.IsNegative(right))
                    Assert.Fail($"{x:g9} to the power of {y:g9} is {got:g9}, not {right:g9}");
            }
        }
    }

    [Test]
    public void WholePowersThatAFloatHoldsAreExact()
    {
        Assume.That(InstructionSets.Fused, "without FMA no power is promised to be exact");
        for (int n = -149; n <= 127; n++)
            Assert.That(XMath.Pow(2, n), Is.EqualTo((float)Math.ScaleB(1, n)), $"2 to the power of {n}");
        for (int x = -100; x <= 100; x++)
            Assert.That((XMath.Pow(x, 2), XMath.Pow(x, 3)), Is.EqualTo(((float)(x * x), (float)(x * x * x))), $"{x}");
    }

    /// <summary>Exponents that take x to results of every size, and some plain ones.</summary>
    private static float[] ExponentsFor(float x)
    {
        double ln = Math.Log(x);
        var spread = Enumerable.Range(0, 56).Select(k => (float)((-105 + (k * 3.55)) / (ln == 0 ? 1e-7 : ln)));
        return [.. spread, -2, -0.5f, 0.5f, 1, 2, 3, 1f / 3, 2.4f];
    }

    /// <summary>The largest error in ulp over these bases, each with its exponents; both lanes agree everywhere.</summary>
    private static double LargestError(IEnumerable<float> xs, Func<float, float[]> exponents)
    {
        (double Ulps, float X, float Y) largest = (0, 0, 0);
        float* y = stackalloc float[Simd.Lanes];
        float* power = stackalloc float[Simd.Lanes];
        foreach (float x in xs)
        {
            foreach (float[] sixteen in exponents(x).Chunk(Simd.Lanes))
            {
                sixteen.CopyTo(new Span<float>(y, Simd.Lanes));
                Simd.Store(power, Transcendental.Pow(Simd.Of(x), Simd.Load(y)));
                for (int i = 0; i < sixteen.Length; i++)
                {
                    float alone = Transcendental.Pow(new Scalar(x), new Scalar(y[i])).Value;
                    if (!Numbers.Same(alone, power[i]))
                        Assert.Fail($"{x:g9} to the power of {y[i]:g9}: {alone:g9} alone, {power[i]:g9} among sixteen");
                    double ulps = Numbers.Ulps(alone, Math.Pow(x, y[i]));
                    if (ulps > largest.Ulps)
                        largest = (ulps, x, y[i]);
                }
            }
        }
        TestContext.Out.WriteLine($"Pow: {largest.Ulps:f3} ulp at {largest.X:g9}, {largest.Y:g9}");
        return largest.Ulps;
    }
}

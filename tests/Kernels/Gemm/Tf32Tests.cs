using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The rounding that the products of tensor cores are held to.</summary>
public sealed class Tf32Tests
{
    [TestCase(1f, 1f)]
    [TestCase(-0f, -0f)]
    [TestCase(1f + (1f / 1024), 1f + (1f / 1024))]
    [TestCase(1f + (1f / 2048), 1f + (1f / 1024), Description = "a tie, away from zero")]
    [TestCase(-1f - (1f / 2048), -1f - (1f / 1024))]
    [TestCase(1f + (3f / 2048), 1f + (2f / 1024), Description = "a tie, away from the even one too")]
    [TestCase(1f + (1f / 2048) - (1f / 8388608), 1f)]
    [TestCase(1.9999999f, 2f)]
    [TestCase(float.MaxValue, float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity, float.NegativeInfinity)]
    [TestCase(float.NaN, float.NaN)]
    public void ToNearestWithTiesAwayFromZero(float x, float rounded) => Assert.That(Numbers.Same(Tf32.Round(x), rounded), Is.True);

    [Test]
    public void WithinHalfAUnitOfTheTenthBit()
    {
        foreach (float x in Numbers.Some(10_000, seed: 1))
        {
            double unit = Math.ScaleB(1, Math.ILogB(x) - 10), rounded = Tf32.Round(x);
            Assert.That(Math.Abs(rounded - x), Is.LessThanOrEqualTo(unit / 2));
            Assert.That(Math.IEEERemainder(rounded, unit), Is.Zero);
        }
    }
}

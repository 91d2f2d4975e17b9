using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class InterpolationTests
{
    [Test]
    public void BothEndsAreExact([Values] bool spherical)
    {
        float[] a = Numbers.Some(100, seed: 1), b = Numbers.Some(100, seed: 2);
        Assert.That(Interpolation.Between(a, b, 0, spherical), Is.EqualTo(a));
        Assert.That(Interpolation.Between(a, b, 1, spherical), Is.EqualTo(b));
    }

    /// <summary>(sin((1-t)·angle)·a/|a| + sin(t·angle)·b/|b|) / sin(angle), times the length between.</summary>
    [Test]
    public void TheSphericalWayIsItsClosedForm([Values(2, 3, 64, 100)] int size, [Values(0.1f, 1f, 30f)] float stretch)
    {
        float[] a = Numbers.Some(size, seed: 3), b = Array.ConvertAll(Numbers.Some(size, seed: 4), x => x * stretch);
        double lengthA = Length(a), lengthB = Length(b), angle = Math.Acos(a.Zip(b, (x, y) => (double)x * y).Sum() / (lengthA * lengthB));
        foreach (double t in (double[])[0.001, 0.25, 1 / 3.0, 0.5, 0.7, 11 / 12.0, 0.999])
        {
            double length = lengthA + (t * (lengthB - lengthA));
            var right = a.Zip(
                b, (x, y) => length * ((Math.Sin((1 - t) * angle) * x / lengthA) + (Math.Sin(t * angle) * y / lengthB)) / Math.Sin(angle));
            Assert.That(
                Interpolation.Between(a, b, t, spherical: true), Is.EqualTo(right).Within(1e-6 * Math.Max(lengthA, lengthB)), $"at {t}");
        }
    }

    /// <summary>Every way round is as long: the walk takes one, with even steps of the angle.</summary>
    [Test]
    public void OppositeNoisesAreHalfACircleApart([Values(2, 3, 100)] int size)
    {
        float[] a = Numbers.Some(size, seed: 5), b = Array.ConvertAll(a, x => -2 * x);
        double length = Length(a);
        for (int i = 1; i < 8; i++)
        {
            float[] between = Interpolation.Between(a, b, i / 8.0, spherical: true);
            Assert.That(Length(between), Is.EqualTo(length * (1 + (i / 8.0))).Within(1e-5));
            double cosine = a.Zip(between, (x, y) => (double)x * y).Sum() / (length * Length(between));
            Assert.That(cosine, Is.EqualTo(Math.Cos(Math.PI * i / 8)).Within(1e-6));
        }
    }

    [Test]
    public void NoisesOfOneDirectionDifferInLengthAlone()
    {
        float[] a = Numbers.Some(50, seed: 6), b = Array.ConvertAll(a, x => 3 * x);
        Assert.That(Interpolation.Between(a, a, 0.3, spherical: true), Is.EqualTo(a).Within(1e-6));
        Assert.That(Interpolation.Between(a, b, 0.5, spherical: true), Is.EqualTo(a.Select(x => 2 * x)).Within(1e-6));
    }

    [Test]
    public void WhereThereIsNoAngleTheWayIsStraight([Values] bool spherical)
    {
        Assert.That(Interpolation.Between([0, 0], [2, 4], 0.25, spherical), Is.EqualTo(new[] { 0.5f, 1f }));
        Assert.That(Interpolation.Between([2], [-6], 0.75, spherical), Is.EqualTo(new[] { -4f }));
    }

    [Test]
    public void TheStraightWayIsStraight() =>
        Assert.That(Interpolation.Between([1, -1, 0.5f], [0, 1, 0.5f], 0.25, spherical: false), Is.EqualTo(new[] { 0.75f, -0.5f, 0.5f }));

    private static double Length(float[] x) => Math.Sqrt(x.Sum(v => (double)v * v));
}

using GanFromScratch.Gan.Evaluation;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public sealed class ClassHistogramTests
{
    [Test]
    public void Divergences()
    {
        var half = ClassHistogram.Of([0, 1, 0, 1], 10);
        var quarter = ClassHistogram.Of([0, 1, 1, 1], 10);
        Assert.That(half.Counts, Is.EqualTo(new[] { 2, 2, 0, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(half.DivergenceFrom(half), Is.Zero);
        Assert.That(half.DivergenceFrom(quarter), Is.EqualTo(Math.Log(4 / 3.0) / 2).Within(1e-15)); // ½ ln 2 + ½ ln ⅔
        Assert.That(ClassHistogram.Of([1, 1], 10).DivergenceFrom(quarter), Is.EqualTo(Math.Log(4 / 3.0)).Within(1e-15));
        Assert.That(ClassHistogram.Of([9], 10).DivergenceFrom(quarter), Is.EqualTo(double.PositiveInfinity));
    }
}

using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class StepMeansTests
{
    private static readonly Metric[] Shown = [Metric.GeneratorLoss, Metric.AccuracyOnReal];
    private readonly MetricValues _values = new(Metric.Standard);

    [TestCase(1, 1, 1)]
    [TestCase(999, 1, 999)]
    [TestCase(1000, 1, 1000)]
    [TestCase(1001, 2, 501)]
    [TestCase(100_000, 128, 782)]
    public void TheyAreMeansOfStretchesThatDouble(int steps, int width, int stretches)
    {
        var means = After(steps);
        Assert.That((means.Width, means.Values.Length), Is.EqualTo((width, stretches * Shown.Length)));
        for (int stretch = 0; stretch < stretches; stretch++)
        {
            int first = (stretch * width) + 1, last = Math.Min(first + width - 1, steps);
            Assert.That(means.Middle(stretch), Is.EqualTo((first + last) / 2.0));
            float mean = means.Values[stretch * Shown.Length]; // of the steps' numbers
            Assert.That(mean, Is.EqualTo((first + last) / 2f).Within(1e-5).Percent);
            Assert.That(means.Values[(stretch * Shown.Length) + 1], Is.EqualTo(0.5f));
        }
    }

    /// <summary>What a checkpoint holds is all that counts, wherever a stretch is cut.</summary>
    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(1001)]
    [TestCase(4003)]
    public void TheyGoOnFromWhatWasSaved(int cut)
    {
        var before = After(cut);
        var after = new StepMeans(Shown);
        after.Restore(cut, before.Values.ToArray());
        Add(after, cut + 1, 5000);
        var unbroken = After(5000);
        Assert.That(after.Values.ToArray(), Is.EqualTo(unbroken.Values.ToArray()));
        Assert.That(after.Width, Is.EqualTo(unbroken.Width));
    }

    /// <summary>A checkpoint of an older program has none: a stretch with an unknown step is unknown.</summary>
    [Test]
    public void WhatWasNotSavedIsMissing()
    {
        var means = new StepMeans(Shown);
        means.Restore(1101, []);
        Add(means, 1102, 3000);
        Assert.That(means.Width, Is.EqualTo(4));
        for (int stretch = 0; stretch < means.Values.Length / Shown.Length; stretch++)
            Assert.That(float.IsNaN(means.Values[stretch * Shown.Length]), Is.EqualTo(stretch * 4 < 1101), $"{stretch}");
    }

    [Test]
    public void AStepAllocatesNothing()
    {
        var means = After(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Add(means, 11, 20_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }

    private StepMeans After(int steps)
    {
        var means = new StepMeans(Shown);
        Add(means, 1, steps);
        return means;
    }

    private void Add(StepMeans means, int first, int last)
    {
        _values[Metric.AccuracyOnReal] = 0.5;
        for (int step = first; step <= last; step++)
        {
            _values[Metric.GeneratorLoss] = step;
            means.Add(step, _values);
        }
    }
}

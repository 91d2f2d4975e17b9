using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Training;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What falls over a run, and how.</summary>
[TestFixture]
[Quick]
internal sealed class ScheduleTests
{
    [Test]
    public void RatesFallToAFiftieth()
    {
        double[] At(RateDecay decay) => [.. new[] { 0, 0.25, 0.5, 1 }.Select(progress => Schedule.RateFactor(decay, 0.02, progress))];
        Assert.That(At(RateDecay.None), Is.EqualTo(new[] { 1.0, 1, 1, 1 }));
        Assert.That(At(RateDecay.Linear), Is.EqualTo(new[] { 1, 0.755, 0.51, 0.02 }).Within(1e-12));
        Assert.That(At(RateDecay.Cosine), Is.EqualTo(new[] { 1, 0.02 + (0.49 * (1 + Math.Sqrt(0.5))), 0.51, 0.02 }).Within(1e-12));
    }

    [Test]
    public void NoiseFallsLinearlyToZero()
    {
        var schedule = new Schedule(new Objective { InstanceNoise = 0.5f, RateDecay = RateDecay.Linear }, totalSteps: 10);
        Assert.That(schedule.After(0), Is.EqualTo(new ScheduledValues(1f, 0.5f)));
        Assert.That(schedule.After(5).InstanceNoise, Is.EqualTo(0.25f));
        Assert.That(schedule.After(10), Is.EqualTo(new ScheduledValues(0.02f, 0f)));
    }
}

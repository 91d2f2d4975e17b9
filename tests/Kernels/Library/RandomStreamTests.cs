using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public class RandomStreamTests
{
    [Test]
    public void BelowIsTheRemainderOfTheNextBlock()
    {
        var random = new RandomStream(seed: 5, stream: 2, position: 77);
        foreach (int bound in (int[])[1, 2, 10, 60_000, int.MaxValue])
        {
            var (high, low, _, _) = Philox.Block(5, 2, random.Position);
            Assert.That(random.Below(bound), Is.EqualTo((int)((((ulong)high << 32) | low) % (ulong)bound)));
        }
        Assert.That(random.Position, Is.EqualTo(82UL));
    }

    [TestCase(0)]
    [TestCase(-3)]
    public void BelowNeedsABound(int bound)
    {
        var random = new RandomStream(1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Below(bound));
        Assert.That(random.Position, Is.Zero, "a refusal draws nothing");
    }

    [Test]
    public void BelowIsEven()
    {
        const int Bound = 10, Draws = 100_000;
        var random = new RandomStream(1, 0);
        var counts = new int[Bound];
        for (int i = 0; i < Draws; i++)
            counts[random.Below(Bound)]++;
        double chi = counts.Sum(n => Math.Pow(n - (Draws / Bound), 2) / (Draws / Bound));
        Assert.That(chi, Is.LessThan(33.7)); // exceeded once in ten thousand with 9 degrees of freedom
    }

    [Test]
    public void ShuffleOrdersEveryNumberOnceAndMovesOn([Values(0, 1, 2, 3, 1023)] int n)
    {
        var random = new RandomStream(9, 4);
        int[] order = new int[n], again = new int[n], next = new int[n];
        random.Shuffle(order);
        Assert.That(random.Position, Is.EqualTo((ulong)Math.Max(0, n - 1)));
        random.Shuffle(next);
        new RandomStream(9, 4).Shuffle(again);
        Assert.That(order.Order(), Is.EqualTo(Enumerable.Range(0, n)));
        Assert.That(again, Is.EqualTo(order));
        if (n == 1023)
            Assert.That(next, Is.Not.EqualTo(order));
    }

    [Test]
    public void EveryOrderIsEquallyLikely()
    {
        var random = new RandomStream(3, 0);
        var counts = new Dictionary<string, int>();
        var order = new int[4];
        for (int i = 0; i < 24_000; i++)
        {
            random.Shuffle(order);
            string key = string.Concat(order);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.That(counts, Has.Count.EqualTo(24));
        Assert.That(counts.Values.Sum(n => Math.Pow(n - 1000, 2) / 1000), Is.LessThan(57)); // p < 0.0001 with 23 degrees of freedom
    }
}

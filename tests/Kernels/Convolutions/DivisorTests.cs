using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public class DivisorTests
{
    [Test]
    public void DividesAsTheOperatorDoes()
    {
        var random = new Random(1);
        int[] divisors = [1, 2, 3, 5, 7, 64, 641, 65_535, 65_536, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, int.MaxValue];
        foreach (int by in (int[])[.. divisors, .. Enumerable.Range(0, 1000).Select(_ => random.Next(1, 1 << random.Next(1, 31)))])
        {
            var divisor = new Divisor(by);
            int most = int.MaxValue / by * by;
            foreach (int n in (int[])[0, 1, by - 1, by, most - 1, most, int.MaxValue, random.Next(), random.Next()])
                Assert.That(divisor.Of(n), Is.EqualTo(n / by), $"{n} / {by}");
        }
    }

    [Test]
    public void NothingIsDividedByNothing() => Assert.That(new Divisor(0).Of(5), Is.EqualTo(5));
}

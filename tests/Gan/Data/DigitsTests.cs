using System.Diagnostics;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public sealed class DigitsTests
{
    private const int Pixels = 784;
    private static readonly Lazy<ImageSet> Some = new(() => Digits.Draw(10_000));

    [Test]
    public void TheFirstThousandArePinned()
    {
        var set = Digits.Draw(1000);
        Assert.That(
            FakeMnist.Hash([.. set.Pixels, .. set.Labels!]),
            Is.EqualTo("be930d2d1bfc32ff5b47ea81c4f9672a6c2a90a15928b6d1bb7fd2a0bfac1a5c"));
    }

    [Test]
    public void ThreadsAndCountDoNotMatter([Values(1, 2, 3, 16)] int threads)
    {
        var set = Digits.Draw(1237, threads: threads);
        Assert.That(set.Pixels.AsSpan().SequenceEqual(Some.Value.Pixels.AsSpan(0, 1237 * Pixels)), Is.True);
        Assert.That(set.Labels, Is.EqualTo(Some.Value.Labels![..1237]));
    }

    [Test]
    public void ASeedGivesOtherPicturesInAnotherOrder()
    {
        var set = Digits.Draw(1000, seed: 1);
        Assert.That(set.Pixels.AsSpan().SequenceEqual(Some.Value.Pixels.AsSpan(0, set.Pixels.Length)), Is.False);
        Assert.That(set.Labels, Is.Not.EqualTo(Some.Value.Labels![..1000]));
    }

    [Test]
    public void EachTenHoldEachDigitOnce()
    {
        foreach (byte[] ten in Some.Value.Labels!.Chunk(10))
            Assert.That(ten.Order(), Is.EqualTo(Enumerable.Range(0, 10)));
        // In an order that doesn't give the digit away: about a tenth of each place.
        for (int place = 0; place < 10; place++)
            Assert.That(Some.Value.Labels!.Where((label, i) => i % 10 == place).Count(label => label == 3), Is.InRange(60, 145));
    }

    [Test]
    public void AllPicturesDiffer()
    {
        var pictures = Enumerable.Range(0, Some.Value.Count).Select(i => Convert.ToBase64String(Picture(Some.Value, i)));
        Assert.That(pictures.Distinct().Count(), Is.EqualTo(Some.Value.Count));
    }

    // The bounds stand around MNIST's own figures: mean pixel 33.3, 58 pixels at 250 or more, 93 between; digits fit a box of 20.
    [Test]
    public void InkIsLikeMnists()
    {
        var set = Some.Value;
        Assert.Multiple(() =>
        {
            Assert.That(set.Pixels.Average(pixel => (double)pixel), Is.InRange(31, 37));
            Assert.That(set.Pixels.Count(pixel => pixel >= 250) / (double)set.Count, Is.InRange(50, 66));
            Assert.That(set.Pixels.Count(pixel => pixel is > 0 and < 250) / (double)set.Count, Is.InRange(80, 105));
        });
        double worst = 0, offCentre = 0;
        int smallest = 28, largest = 0;
        for (int i = 0; i < set.Count; i++)
        {
            var ink = Measure(Picture(set, i));
            Assert.That(ink.Mass, Is.InRange(15 * 255, 300 * 255), $"picture {i}");
            double off = Math.Max(Math.Abs(ink.X - 14), Math.Abs(ink.Y - 14));
            worst = Math.Max(worst, off);
            offCentre += off / set.Count;
            smallest = Math.Min(smallest, ink.Extent);
            largest = Math.Max(largest, ink.Extent);
        }
        TestContext.Out.WriteLine($"off centre {offCentre:F2}, at worst {worst:F2}; extent {smallest} to {largest}");
        Assert.That(offCentre, Is.LessThan(0.5));
        Assert.That(worst, Is.LessThan(2));
        Assert.That(smallest, Is.GreaterThanOrEqualTo(16));
        Assert.That(largest, Is.LessThanOrEqualTo(23));
    }

    [Test]
    public void TheNearestClassMeanTellsDigitsApart()
    {
        const int Train = 8000;
        var set = Some.Value;
        var means = new double[10, Pixels];
        for (int i = 0; i < Train; i++)
            for (int k = 0; k < Pixels; k++)
                means[set.Labels![i], k] += set.Pixels[i * Pixels + k] / (Train / 10.0);
        int right = 0;
        for (int i = Train; i < set.Count; i++)
        {
            byte[] picture = Picture(set, i);
            int guess = Enumerable.Range(0, 10).MinBy(digit => Enumerable.Range(0, Pixels).Sum(k => Square(picture[k] - means[digit, k])));
            right += guess == set.Labels![i] ? 1 : 0;
        }
        double accuracy = right / (double)(set.Count - Train);
        TestContext.Out.WriteLine($"accuracy {accuracy:P1}");
        // MNIST's own figure is 82 %: far above chance, far from perfect.
        Assert.That(accuracy, Is.InRange(0.70, 0.97));
    }

    [Test]
    public void TheWholeSetTakesSeconds()
    {
        var watch = Stopwatch.StartNew();
        var set = Digits.Draw();
        TestContext.Out.WriteLine($"drew {set.Count} in {watch.Elapsed.TotalSeconds:F2} s");
        Assert.That(set.Count, Is.EqualTo(60_000));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(60));
    }

    [Test]
    public void ImageSetsAreCheckedAtTheDoor()
    {
        Assert.That(() => new ImageSet("x", "y", 2, new PictureShape(3, 4, 1), new byte[23], null), Throws.ArgumentException);
        Assert.That(() => new ImageSet("x", "y", 2, new PictureShape(3, 4, 1), new byte[24], new byte[3]), Throws.ArgumentException);
        Assert.That(() => new ImageSet("x", "y", 0, new PictureShape(3, 4, 1), [], null), Throws.ArgumentException);
        Assert.That(new ImageSet("x", "y", 2, new PictureShape(3, 4, 1), new byte[24], null).Labels, Is.Null);
    }

    private static byte[] Picture(ImageSet set, int i) => set.Pixels[(i * Pixels)..((i + 1) * Pixels)];

    private static double Square(double x) => x * x;

    // Mass, its centre, and the larger side of the box around what is visible.
    private static (double Mass, double X, double Y, int Extent) Measure(byte[] picture)
    {
        double mass = 0, x = 0, y = 0;
        int left = 28, right = 0, top = 28, bottom = 0;
        for (int i = 0; i < Pixels; i++)
        {
            int column = i % 28, row = i / 28;
            mass += picture[i];
            x += picture[i] * (column + 0.5);
            y += picture[i] * (row + 0.5);
            if (picture[i] < 64)
                continue;
            (left, right, top, bottom) = (Math.Min(left, column), Math.Max(right, column), Math.Min(top, row), Math.Max(bottom, row));
        }
        return (mass, x / mass, y / mass, Math.Max(right - left, bottom - top) + 1);
    }
}

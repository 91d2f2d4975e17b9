using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The toy mixtures: what is drawn from them, and how points are judged.</summary>
[TestFixture]
[Quick]
internal sealed class MixtureTests
{
    private static readonly string[] Names = ["ring", "grid"];

    private static Mixture Named(string name) => Mixture.All.Single(mixture => mixture.Name == name);

    [Test]
    public void RealPointsAreJudgedAsTheyShouldBe([ValueSource(nameof(Names))] string name)
    {
        using var device = new CpuDevice(1);
        var mixture = Named(name);
        using var points = mixture.Sample(device, new RandomStream(1, 2), 20_000);
        var score = mixture.Score(points.ToArray());
        Assert.That(score.Covered, Is.EqualTo(mixture.Modes));
        Assert.That(
            score.HighQuality, Is.EqualTo(1 - Math.Exp(-4.5)).Within(0.003),
            "a plane's normal lies within three deviations with this probability");
        Assert.That(score.ReverseKl, Is.EqualTo((mixture.Modes - 1) / 40_000.0).Within(6e-4));
    }

    /// <summary>The published sets: their centres, deviations, and the scale of the grid.</summary>
    [Test]
    public void TheSetsAreThePublishedOnes()
    {
        Mixture ring = Mixture.Ring, grid = Mixture.Grid;
        Assert.That((ring.Modes, ring.Sigma, grid.Modes, grid.Sigma), Is.EqualTo((8, 0.01f, 25, 0.05f)));
        for (int k = 0; k < 8; k++)
        {
            var (x, y) = ring.Centre(k);
            Assert.That(Math.Sqrt((x * x) + (y * y)), Is.EqualTo(1).Within(1e-6));
        }
        var centres = Enumerable.Range(0, 25).Select(grid.Centre).ToList();
        Assert.That(centres.Select(c => c.X).Distinct().Order(), Is.EqualTo(new[] { -4f, -2, 0, 2, 4 }));
        Assert.That(centres.Distinct().Count(), Is.EqualTo(25));
        double variance = centres.Average(c => c.X * c.X) + (0.05 * 0.05);
        Assert.That(grid.Scale, Is.EqualTo(Math.Sqrt(variance)).Within(1e-6));
    }

    [Test]
    public void PointsAtOneModeAndFarFromAllAreToldApart()
    {
        // three points at the mode in the east, one just outside of three sigma there, four at the one in the west
        float[] points = [1, 0, 1.029f, 0, 1, 0.029f, 1.031f, 0, -1, 0, -1, 0, -1, 0, -1, 0];
        var score = Mixture.Ring.Score(points);
        Assert.That(score.Covered, Is.EqualTo(2));
        Assert.That(score.HighQuality, Is.EqualTo(7 / 8.0));
        Assert.That(score.ReverseKl, Is.EqualTo(Math.Log(4)).Within(1e-12), "all on two of eight, evenly");
        Assert.That(Mixture.Grid.Score([100, 100, 100, 100]), Is.EqualTo(new ModesScore(0, 0, Math.Log(25))));
    }

    [Test]
    public void MeansHaveTheStandardErrorOfTheMean()
    {
        var (mean, error) = MeanAndError.Of([1, 2, 3, 4]);
        Assert.That((mean, error), Is.EqualTo((2.5, Math.Sqrt(5.0 / 3 / 4))));
        Assert.That(MeanAndError.Of([7]), Is.EqualTo((7.0, 0.0)));
    }
}

using GanFromScratch.Gan.Evaluation;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public sealed class FrechetDistanceTests
{
    /// <summary>Σ (m - n)² + (√s - √t)², which the distance is where both covariances are diagonal.</summary>
    [Test]
    public void TheClosedFormOfDiagonalCovariances()
    {
        double[] m = [1, -2, 0.5, 0], n = [0, 1, 0.5, 3], s = [4, 0.25, 1, 0], t = [9, 0.25, 2, 1];
        double expected = Enumerable.Range(0, m.Length).Sum(i => Math.Pow(m[i] - n[i], 2) + Math.Pow(Math.Sqrt(s[i]) - Math.Sqrt(t[i]), 2));
        Assert.That(FrechetDistance.Between(Vector(m), Diagonal(s), Vector(n), Diagonal(t)), Is.EqualTo(expected).Within(1e-12));
    }

    /// <summary>Turned by the same rotation, two distributions stay as far apart as they were.</summary>
    [Test]
    public void ARotationChangesNothing()
    {
        var turn = Matrix<double>.Build.Dense(4, 4, (i, j) => Math.Sin((3 * i) + (5 * j) + 1)).QR().Q;
        double[] m = [1, -2, 0.5, 0], n = [0, 1, 0.5, 3], s = [4, 0.25, 1, 0.1], t = [9, 0.25, 2, 1];
        double straight = FrechetDistance.Between(Vector(m), Diagonal(s), Vector(n), Diagonal(t));
        double turned = FrechetDistance.Between(
            turn * Vector(m), turn * Diagonal(s) * turn.Transpose(), turn * Vector(n), turn * Diagonal(t) * turn.Transpose());
        Assert.That(turned, Is.EqualTo(straight).Within(1e-10));
    }

    [Test]
    public void MeansAndCovariancesOfRows()
    {
        var (mean, covariance) = FrechetDistance.Moments([1, 2, 3, 6, 5, 4], width: 2); // rows (1,2), (3,6), (5,4)
        Assert.That(mean, Is.EqualTo(new double[] { 3, 4 }));
        Assert.That(covariance.ToRowMajorArray(), Is.EqualTo(new double[] { 4, 2, 2, 4 }));
    }

    [Test]
    public void ASetIsAtNoDistanceFromItselfAndFarFromItselfMoved()
    {
        float[] rows = [.. Enumerable.Range(0, 300).Select(i => MathF.Sin(i * i))], moved = [.. rows.Select(x => x + 2)];
        float[] flat = [.. rows.Select((x, i) => i % 3 == 0 ? 1f : x)]; // a feature without variance
        Assert.That(FrechetDistance.Between(rows, rows, 3), Is.Zero.Within(1e-12));
        Assert.That(FrechetDistance.Between(flat, flat, 3), Is.Zero.Within(1e-12));
        Assert.That(FrechetDistance.Between(rows, moved, 3), Is.EqualTo(12).Within(1e-5));
        Assert.That(FrechetDistance.Between(moved, flat, 3), Is.EqualTo(FrechetDistance.Between(flat, moved, 3)).Within(1e-9));
    }

    private static Vector<double> Vector(double[] values) => Vector<double>.Build.Dense(values);

    private static Matrix<double> Diagonal(double[] values) => Matrix<double>.Build.DiagonalOfDiagonalArray(values);
}

using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace GanFromScratch.Gan.Evaluation;

// features[n,d]; mean m[d], covariance S[d,d]

/// <summary>
/// The Fréchet distance between two sets of features, each taken for a normal distribution (Dowson and Landau, 1982; Heusel et al., 2017):
/// |m₁ - m₂|² + tr S₁ + tr S₂ - 2 tr √(S₁S₂). It depends on whose features they are, so this is no FID, which is of one certain network; and a finite
/// set is at some distance even from another one of its own kind, the farther the smaller they are.
/// </summary>
internal static class FrechetDistance
{
    // one order of sums on every machine, whatever native library it may have
    static FrechetDistance()
    {
        Control.UseManaged();
        Control.UseSingleThread();
    }

    /// <summary>The metric: the distance of the pictures' features from the test pictures'.</summary>
    public static QualityValue Of(Comparison sets) => Between(sets.Pictures.Features, sets.Test.Features, sets.Gram.Width);

    /// <summary>The distance between two sets.</summary>
    /// <param name="a">[n, width], row by row; at least two rows.</param>
    /// <param name="b">[m, width], likewise.</param>
    /// <param name="width">Numbers of a row.</param>
    public static double Between(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int width)
    {
        var (meanA, covarianceA) = Moments(a, width);
        var (meanB, covarianceB) = Moments(b, width);
        return Between(meanA, covarianceA, meanB, covarianceB);
    }

    /// <summary>The distance between two normal distributions, by means [d] and covariances [d, d].</summary>
    public static double Between(Vector<double> meanA, Matrix<double> covarianceA, Vector<double> meanB, Matrix<double> covarianceB)
    {
        // √(S₁S₂) has the trace of √(√S₁·S₂·√S₁), which is symmetric: all its eigenvalues are real, and none negative but by rounding.
        var root = Root(covarianceA);
        double trace = Eigen(root * covarianceB * root).EigenValues.Sum(value => Math.Sqrt(Math.Max(0, value.Real)));
        var difference = meanA - meanB;
        return Math.Max(0, difference.DotProduct(difference) + covarianceA.Trace() + covarianceB.Trace() - (2 * trace));
    }

    /// <summary>The mean, and the covariance with n - 1 below it, summed in double in the order of the rows.</summary>
    internal static (Vector<double> Mean, Matrix<double> Covariance) Moments(ReadOnlySpan<float> features, int width)
    {
        int n = features.Length / width;
        var mean = new double[width];
        for (int i = 0; i < features.Length; i++)
            mean[i % width] += features[i];
        for (int c = 0; c < width; c++)
            mean[c] /= n;
        var sums = new double[width, width];
        var row = new double[width];
        for (int i = 0; i < n; i++)
        {
            for (int c = 0; c < width; c++)
                row[c] = features[(i * width) + c] - mean[c];
            for (int r = 0; r < width; r++)
            {
                for (int c = 0; c <= r; c++)
                    sums[r, c] += row[r] * row[c];
            }
        }
        return (Vector<double>.Build.Dense(mean), DenseMatrix.Create(width, width, (r, c) => sums[Math.Max(r, c), Math.Min(r, c)] / (n - 1)));
    }

    private static Matrix<double> Root(Matrix<double> symmetric)
    {
        var eigen = Eigen(symmetric);
        var roots = eigen.EigenValues.Map(value => Math.Sqrt(Math.Max(0, value.Real)));
        return eigen.EigenVectors * Matrix<double>.Build.DiagonalOfDiagonalVector(roots) * eigen.EigenVectors.Transpose();
    }

    private static Evd<double> Eigen(Matrix<double> nearlySymmetric) =>
        ((nearlySymmetric + nearlySymmetric.Transpose()) * 0.5).Evd(Symmetricity.Symmetric);
}

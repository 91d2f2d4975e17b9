using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace GanFromScratch.Gan.Evaluation;

// features[n,d]; mean m[d], covariance S[d,d]

/// <summary>
/// The Fréchet distance between two sets of features, each as a normal distribution (Dowson and Landau, 1982; Heusel et al., 2017):
/// |m₁ - m₂|² + tr S₁ + tr S₂ - 2 tr √(S₁S₂). It depends on the features, and without those of the Inception network it is no
/// FID. It is above 0 even for two sets of one distribution, the more the smaller they are.
/// </summary>
internal static class FrechetDistance
{
    // the same order of sums on every machine, whatever native library it has
    static FrechetDistance()
    {
        Control.UseManaged();
        Control.UseSingleThread();
    }

    /// <summary>Makes MathNet compute in one order, by the constructor above, before anything of it is used.</summary>
    public static void UseOneOrder()
    {
    }

    /// <summary>The metric: the distance between the pictures and the test pictures.</summary>
    public static QualityValue Of(Comparison sets) => Between(sets.Pictures.Rows, sets.Test.Rows, sets.Gram.Width);

    /// <summary>
    /// The metric of variety: the root mean squared distance of two of the pictures, as a share of that of two test pictures. The mean of
    /// squared distances is twice the trace of the covariance.
    /// </summary>
    public static QualityValue Variety(Comparison sets)
    {
        return Math.Sqrt(TraceOf(sets.Pictures) / TraceOf(sets.Test));

        double TraceOf(PictureFeatures features) => Moments(features.Rows, sets.Gram.Width).Covariance.Trace();
    }

    /// <summary>Computes the distance between two sets.</summary>
    /// <param name="a">[n, width], row by row; at least two rows.</param>
    /// <param name="b">[m, width], likewise.</param>
    /// <param name="width">Features in a row.</param>
    public static double Between(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int width)
    {
        var (meanA, covarianceA) = Moments(a, width);
        var (meanB, covarianceB) = Moments(b, width);
        return Between(meanA, covarianceA, meanB, covarianceB);
    }

    /// <summary>Computes the distance between two normal distributions of means [d] and covariances [d, d].</summary>
    public static double Between(Vector<double> meanA, Matrix<double> covarianceA, Vector<double> meanB, Matrix<double> covarianceB)
    {
        // √(S₁S₂) has the trace of √(√S₁·S₂·√S₁), which is symmetric: its eigenvalues are real, and negative only by rounding
        var root = Root(covarianceA);
        double trace = Eigen(root * covarianceB * root).EigenValues.Sum(value => Math.Sqrt(Math.Max(0, value.Real)));
        var difference = meanA - meanB;
        return Math.Max(0, difference.DotProduct(difference) + covarianceA.Trace() + covarianceB.Trace() - (2 * trace));
    }

    /// <summary>Computes the mean [d] and the unbiased covariance [d, d], summed in double in the order of the rows.</summary>
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
        var covariance = DenseMatrix.Create(width, width, (r, c) => sums[Math.Max(r, c), Math.Min(r, c)] / (n - 1));
        return (Vector<double>.Build.Dense(mean), covariance);
    }

    private static Matrix<double> Root(Matrix<double> symmetric)
    {
        var eigen = Eigen(symmetric);
        var roots = eigen.EigenValues.Map(value => Math.Sqrt(Math.Max(0, value.Real)));
        return eigen.EigenVectors * Matrix<double>.Build.DiagonalOfDiagonalVector(roots) * eigen.EigenVectors.Transpose();
    }

    /// <summary>Computes the eigenvalues of a symmetric matrix, in ascending order, and its eigenvectors.</summary>
    internal static Evd<double> Eigen(Matrix<double> nearlySymmetric) =>
        ((nearlySymmetric + nearlySymmetric.Transpose()) * 0.5).Evd(Symmetricity.Symmetric);
}

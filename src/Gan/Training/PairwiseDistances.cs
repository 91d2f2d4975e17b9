using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

// x[N,P] y[M,P]: pictures as rows; ‖x - y‖² = x·x + y·y - 2·x·y, all products from one matrix product

/// <summary>Euclidean distances between the pictures of a batch.</summary>
internal readonly struct PairwiseDistances
{
    /// <summary>Computes the distances between any two rows.</summary>
    /// <param name="x">Pictures [N, P]; with fewer than two the results are NaN.</param>
    public PairwiseDistances(Tensor x)
    {
        int n = x.Shape.Rows;
        float[] products = Products(x, x);
        double sum = 0, nearestSum = 0;
        for (int i = 0; i < n; i++)
        {
            double nearest = double.PositiveInfinity;
            for (int j = 0; j < n; j++)
            {
                if (i == j)
                    continue;
                double distance = Distance(products[(i * n) + i], products[(j * n) + j], products[(i * n) + j]);
                sum += distance;
                nearest = Math.Min(nearest, distance);
            }
            nearestSum += nearest;
        }
        Mean = n > 1 ? sum / ((double)n * (n - 1)) : double.NaN;
        MeanToNearest = n > 1 ? nearestSum / n : double.NaN;
    }

    /// <summary>The mean over all pairs.</summary>
    public double Mean { get; }

    /// <summary>The mean over all rows of the distance to the nearest other row.</summary>
    public double MeanToNearest { get; }

    /// <summary>The mean distance from a row of x [N, P] to a row of y [M, P].</summary>
    public static double MeanAcross(Tensor x, Tensor y)
    {
        double[] ofX = Squares(x), ofY = Squares(y);
        float[] products = Products(x, y);
        double sum = 0;
        for (int i = 0; i < ofX.Length; i++)
        {
            for (int j = 0; j < ofY.Length; j++)
                sum += Distance(ofX[i], ofY[j], products[(i * ofY.Length) + j]);
        }
        return sum / products.Length;
    }

    private static double Distance(double xx, double yy, double xy) => Math.Sqrt(Math.Max(0, xx + yy - (2 * xy)));

    private static float[] Products(Tensor x, Tensor y)
    {
        using var tape = new Tape(x.Device);
        return tape.Constant(x).MatMul(tape.Constant(y), transposeB: true).Value.ToArray();
    }

    private static double[] Squares(Tensor x)
    {
        using var tape = new Tape(x.Device);
        return [.. tape.Constant(x).Square().SumColumns().Value.ToArray().Select(square => (double)square)];
    }
}

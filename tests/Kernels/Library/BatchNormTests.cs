using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
[Quick]
public class BatchNormTests
{
    private const float Epsilon = 1e-3f;
    private readonly CpuDevice _device = new(3);

    [OneTimeTearDown]
    public void End() => _device.Dispose();

    /// <summary>
    /// Pictures of one pixel, and around a block of 64 of them; one channel, three, around a vector and more than a thread takes at once.
    /// </summary>
    internal static readonly int[][] Pictures =
    [
        [1, 1, 1, 1], [3, 1, 1, 17], [1, 9, 7, 3], [2, 8, 4, 1], [5, 13, 1, 16], [1, 1, 129, 33], [3, 7, 9, 65], [2, 3, 11, 259],
    ];

    private static readonly int[][] Sizes =
    [
        .. Numbers.Matrices.Where(size => size.Rows > 0).Select(size => (int[])[size.Rows, size.Columns]), [64, 128], [2, 1023], [97, 48],
        .. Pictures,
    ];

    [Test]
    public void ForwardIsTheFormula([ValueSource(nameof(Sizes))] int[] extents)
    {
        using var t = new Tensors(_device, extents);
        CheckForward(t);
    }

    internal static void CheckForward(Tensors t)
    {
        int n = t.X.Shape.Rows, channels = t.X.Shape.Columns;
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, Epsilon, t.Y, t.Mean, t.Variance, t.Rstd);
        var (mean, variance, rstd) = Statistics(t.X.ToArray(), n, channels);
        Numbers.AssertClose(t.Mean.ToArray(), mean, 2e-5, "mean");
        Numbers.AssertClose(t.Variance.ToArray(), variance, 2e-5, "variance");
        Numbers.AssertClose(t.Rstd.ToArray(), rstd, 2e-5, "rstd");
        Numbers.AssertClose(t.Y.ToArray(), Normalised(t, mean, rstd), 1e-4, "y");
    }

    [Test]
    public void BackwardIsTheFormula([ValueSource(nameof(Sizes))] int[] extents)
    {
        using var t = new Tensors(_device, extents);
        CheckBackward(t);
    }

    internal static void CheckBackward(Tensors t)
    {
        int n = t.X.Shape.Rows, channels = t.X.Shape.Columns;
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, Epsilon, t.Y, t.Mean, t.Variance, t.Rstd);
        BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, t.DX, t.DGamma, t.DBeta);
        var (mean, _, rstd) = Statistics(t.X.ToArray(), n, channels);
        float[] x = t.X.ToArray(), dy = t.DY.ToArray(), gamma = t.Gamma.ToArray();
        double[] dBeta = new double[channels], dGamma = new double[channels], dx = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels;
            dBeta[c] += dy[i];
            dGamma[c] += dy[i] * (x[i] - mean[c]) * rstd[c];
        }
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels;
            dx[i] = gamma[c] * rstd[c] * (dy[i] - (dBeta[c] / n) - ((x[i] - mean[c]) * rstd[c] * dGamma[c] / n));
        }
        Numbers.AssertClose(t.DBeta.ToArray(), dBeta, 1e-4, "dBeta");
        Numbers.AssertClose(t.DGamma.ToArray(), dGamma, 1e-4, "dGamma");
        // A lone sample has variance 0, and 1/√epsilon enlarges what rounding leaves.
        Numbers.AssertClose(t.DX.ToArray(), dx, 2e-4, "dx");
    }

    /// <summary>Through the activation that x came out of: the bits of batch normalisation's gradient and then the slope.</summary>
    [Test]
    public void BackwardAppliesAnActivationsSlope([ValueSource(nameof(Sizes))] int[] extents)
    {
        using var t = new Tensors(_device, extents);
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, 1e-3f, t.Y, t.Mean, t.Variance, t.Rstd);
        BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, t.DX, t.DGamma, t.DBeta);
        Elementwise.MapBackward(default(Autograd.Tanh), t.X, t.X, t.DX, t.DX);
        float[] want = t.DX.ToArray(), dGamma = t.DGamma.ToArray();
        _device.Fill(t.DX, float.NaN);
        BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, default(Autograd.Tanh), t.DX, t.DGamma, t.DBeta);
        Numbers.AssertSame(t.DX.ToArray(), want, "dx");
        Numbers.AssertSame(t.DGamma.ToArray(), dGamma, "dGamma");
    }

    /// <summary>The formula above is itself proven: dx is the slope of Σ dy·y, seen by moving one x in double.</summary>
    [Test]
    public void BackwardIsTheSlopeOfForward()
    {
        const int N = 5, C = 3;
        using var t = new Tensors(_device, N, C);
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, Epsilon, t.Y, t.Mean, t.Variance, t.Rstd);
        BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, t.DX, t.DGamma, t.DBeta);
        double[] x = Array.ConvertAll(t.X.ToArray(), v => (double)v), slope = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
            slope[i] = (Loss(i, 1e-4) - Loss(i, -1e-4)) / 2e-4;
        Numbers.AssertClose(t.DX.ToArray(), slope, 1e-5, "dx");

        double Loss(int moved, double by)
        {
            var at = (double[])x.Clone();
            at[moved] += by;
            var (mean, _, rstd) = Statistics(at, N, C);
            float[] gamma = t.Gamma.ToArray(), dy = t.DY.ToArray();
            return at.Select((v, i) => dy[i] * (v - mean[i % C]) * rstd[i % C] * gamma[i % C]).Sum();
        }
    }

    [Test]
    public void InferenceTakesGivenStatistics([Values(0, 1, 7)] int n, [Values(1, 15, 16, 17, 130)] int c)
    {
        using var t = new Tensors(_device, n, c);
        CheckInference(t, c);
    }

    internal static void CheckInference(Tensors t, int c)
    {
        t.Mean.CopyFrom(Numbers.Some(c, seed: 8));
        t.Variance.CopyFrom(Array.ConvertAll(Numbers.Some(c, seed: 9), MathF.Abs));
        BatchNorm.Inference(t.X, t.Gamma, t.Beta, t.Mean, t.Variance, Epsilon, t.Y);
        double[] mean = Array.ConvertAll(t.Mean.ToArray(), v => (double)v);
        double[] rstd = Array.ConvertAll(t.Variance.ToArray(), v => 1 / Math.Sqrt(v + (double)Epsilon));
        Numbers.AssertClose(t.Y.ToArray(), Normalised(t, mean, rstd), 1e-5, "y");
    }

    [Test]
    public void TheMovingAverageIsOne([Values(1, 16, 17, 1023)] int c) => CheckStatistics(_device, c);

    internal static void CheckStatistics(Device device, int c)
    {
        using var running = Numbers.Some(device, new Shape(c), seed: 1);
        using var batch = Numbers.Some(device, new Shape(c), seed: 2);
        float[] before = running.ToArray(), b = batch.ToArray();
        MovingAverage.Move(running, batch, 0.8f);
        Numbers.AssertClose(running.ToArray(), before.Select((v, i) => (0.8 * v) + (0.2 * b[i])).ToArray(), 2e-7, "running");
    }

    [TestCase(128, 17)]
    [TestCase(2, 8, 8, 17)]
    public void ALargeMeanDoesNotDrownTheVariance(params int[] extents)
    {
        using var t = new Tensors(_device, extents);
        CheckLargeMean(t);
    }

    internal static void CheckLargeMean(Tensors t)
    {
        t.X.CopyFrom(Array.ConvertAll(t.X.ToArray(), v => v + 1000));
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, Epsilon, t.Y, t.Mean, t.Variance, t.Rstd);
        var (_, variance, _) = Statistics(t.X.ToArray(), t.X.Shape.Rows, t.X.Shape.Columns);
        Numbers.AssertClose(t.Variance.ToArray(), variance, 1e-5, "variance"); // E[x²] - E[x]² would be off by a tenth
    }

    [Test]
    public void ShapesThatDoNotFitAreRefused()
    {
        using var t = new Tensors(_device, 4, 6);
        using var other = new Tensor(_device, new Shape(6, 4));
        using var row = new Tensor(_device, new Shape(5));
        using var empty = new Tensors(_device, 0, 6);
        Numbers.AssertRefused(
            () => BatchNorm.Forward(empty.X, t.Gamma, t.Beta, Epsilon, empty.Y, t.Mean, t.Variance, t.Rstd),
            "BatchNorm", "[0,6] has no samples");
        Numbers.AssertRefused(
            () => BatchNorm.Forward(t.X, t.Gamma, t.Beta, Epsilon, other, t.Mean, t.Variance, t.Rstd), "BatchNorm", "[6,4]");
        Numbers.AssertRefused(() => BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, other, t.DX, t.DGamma, t.DBeta), "BatchNorm", "[6,4]");
        Numbers.AssertRefused(() => BatchNorm.Backward(t.X, t.Gamma, t.Mean, t.Rstd, t.DY, other, t.DGamma, t.DBeta), "BatchNorm", "[6,4]");
        Numbers.AssertRefused(() => BatchNorm.Inference(t.X, t.Gamma, t.Beta, t.Mean, t.Variance, Epsilon, other), "BatchNorm", "[6,4]");
        Numbers.AssertRefused(() => MovingAverage.Move(t.Mean, row, 0.9f), "MovingAverage", "[6] with [5]", "the shapes must be equal");
        const string OneForEach = "6 elements, one for each column";
        for (int wrong = 0; wrong < 5; wrong++)
        {
            Tensor[] r = [t.Gamma, t.Beta, t.Mean, t.Variance, t.Rstd];
            r[wrong] = row;
            Numbers.AssertRefused(() => BatchNorm.Forward(t.X, r[0], r[1], Epsilon, t.Y, r[2], r[3], r[4]), "BatchNorm", OneForEach);
            Numbers.AssertRefused(() => BatchNorm.Backward(t.X, r[0], r[1], r[2], t.DY, t.DX, r[3], r[4]), "BatchNorm", OneForEach);
            if (wrong < 4)
                Numbers.AssertRefused(() => BatchNorm.Inference(t.X, r[0], r[1], r[2], r[3], Epsilon, t.Y), "BatchNorm", OneForEach);
        }
    }

    private static double[] Normalised(Tensors t, double[] mean, double[] rstd)
    {
        float[] gamma = t.Gamma.ToArray(), beta = t.Beta.ToArray();
        int c = mean.Length;
        return t.X.ToArray().Select((v, i) => ((v - mean[i % c]) * rstd[i % c] * gamma[i % c]) + beta[i % c]).ToArray();
    }

    private static (double[] Mean, double[] Variance, double[] Rstd) Statistics(float[] x, int n, int c) =>
        Statistics(Array.ConvertAll(x, v => (double)v), n, c);

    private static (double[] Mean, double[] Variance, double[] Rstd) Statistics(double[] x, int n, int c)
    {
        double[] mean = new double[c], variance = new double[c];
        for (int i = 0; i < x.Length; i++)
            mean[i % c] += x[i] / n;
        for (int i = 0; i < x.Length; i++)
            variance[i % c] += Math.Pow(x[i] - mean[i % c], 2) / n;
        return (mean, variance, Array.ConvertAll(variance, v => 1 / Math.Sqrt(v + Epsilon)));
    }

    internal sealed class Tensors(Device device, params int[] extents) : IDisposable
    {
        public readonly Tensor X = Numbers.Some(device, new Shape(extents), seed: 1);
        public readonly Tensor DY = Numbers.Some(device, new Shape(extents), seed: 2);
        public readonly Tensor Gamma = Numbers.Some(device, new Shape(extents[^1]), seed: 3);
        public readonly Tensor Beta = Numbers.Some(device, new Shape(extents[^1]), seed: 4);
        public readonly Tensor Y = Numbers.Unwritten(device, extents);
        public readonly Tensor DX = Numbers.Unwritten(device, extents);
        public readonly Tensor Mean = Numbers.Unwritten(device, extents[^1]);
        public readonly Tensor Variance = Numbers.Unwritten(device, extents[^1]);
        public readonly Tensor Rstd = Numbers.Unwritten(device, extents[^1]);
        public readonly Tensor DGamma = Numbers.Unwritten(device, extents[^1]);
        public readonly Tensor DBeta = Numbers.Unwritten(device, extents[^1]);

        private Tensor[] All => [X, DY, Gamma, Beta, Y, DX, Mean, Variance, Rstd, DGamma, DBeta];

        /// <summary>Checks that another device's are the same to the bit.</summary>
        public void AssertSame(Tensors want, string what)
        {
            foreach (var (here, there) in All.Zip(want.All))
                Numbers.AssertSame(here.ToArray(), there.ToArray(), $"{what}: a tensor of {here.Shape}");
        }

        public void Dispose()
        {
            foreach (var tensor in All)
                tensor.Dispose();
        }
    }
}

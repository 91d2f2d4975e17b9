using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace GanFromScratch.Gan.Evaluation;

// sample X[n,p] of pixels, centred; Gram matrix X·Xᵀ = U·Λ·Uᵀ; components V[p,k] = Xᵀ·U·Λ^-½; features (x - mean)·V / scale

/// <summary>
/// The principal components of the pixels of a data set, as features of pictures: they need no labels. They see shapes and colours, but
/// hardly anything fine. One common scale gives them a mean variance of 1 over the training pictures, so that distances have about the same
/// scale for every data set, and the components keep their proportions.
/// </summary>
internal sealed class PixelPca : IFeatureExtractor
{
    /// <summary>The most components.</summary>
    public const int MaxComponents = 64;

    private const int MaxSample = 600; // the time of the eigenvalues grows with its cube
    private const int PicturesOfAComponent = 4;
    private const int BatchSize = 500;
    private const double Negligible = 1e-9; // of the largest variance: below, rounding
    private readonly int _threads;
    private readonly Tensor _components; // [p,k]
    private readonly float[] _offset; // [k], the features of the mean picture

    private PixelPca(int threads, Tensor components, float[] offset, int sample, double share) =>
        (_threads, _components, _offset, SampleCount, ShareOfVariance) = (threads, components, offset, sample, share);

    /// <inheritdoc/>
    public int Width => _offset.Length;

    /// <summary>Number of pictures that the components are fitted to.</summary>
    public int SampleCount { get; }

    /// <summary>The share of these pictures' variance that the components have, from 0 to 1.</summary>
    public double ShareOfVariance { get; }

    /// <summary>
    /// Fits components to training pictures, at most 600 of them, which are always the same ones: as many components as a quarter of
    /// these, at most 64. Sums are in double, in one order on every machine.
    /// </summary>
    /// <param name="device">The device that multiplies features.</param>
    /// <param name="training">The training pictures.</param>
    /// <param name="threads">Threads of the processor.</param>
    /// <param name="name">What they are, for messages.</param>
    /// <exception cref="GanException">Data: the pictures are all the same.</exception>
    public static PixelPca Fit(Device device, ImageBytes training, int threads, string name)
    {
        FrechetDistance.UseOneOrder();
        var sample = SmallPictures.Of(training.Subsample(MaxSample, SeedStream.Subsets.Of(seed: 0)), threads);
        int n = sample.Count, pixels = sample.Shape.Length;
        var rows = Matrix<double>.Build.Dense(n, pixels, (i, p) => sample[i][p]);
        var mean = rows.ColumnSums() / n;
        var centred = Matrix<double>.Build.Dense(n, pixels, (i, p) => rows[i, p] - mean[p]);
        var eigen = FrechetDistance.Eigen(centred * centred.Transpose());
        double[] variances = [.. eigen.EigenValues.Select(value => value.Real / (n - 1)).Reverse()]; // the largest first
        int width = variances.Take(Math.Min(MaxComponents, n / PicturesOfAComponent)).Count(v => v > Negligible * variances[0]);
        if (width == 0 || variances[0] < Negligible)
        {
            throw new GanException(
                ExitCode.Data, $"{name}: all of the {n} pictures that were looked at are the same. Use a set of different ones.");
        }
        double scale = Math.Sqrt(variances.Take(width).Average());
        var components = Matrix<double>.Build.DenseOfColumns(Enumerable.Range(0, width).Select(k =>
            centred.TransposeThisAndMultiply(eigen.EigenVectors.Column(n - 1 - k)) / Math.Sqrt((n - 1) * variances[k]) / scale));
        var offset = components.TransposeThisAndMultiply(mean - ImageBytes.Middle);
        float[] values = [.. (components * ImageBytes.Middle).ToRowMajorArray().Select(value => (float)value)];
        return new PixelPca(
            threads, Tensor.From(device, new Shape(pixels, width), values), [.. offset.Select(value => (float)value)], n,
            variances.Take(width).Sum() / variances.Sum());
    }

    /// <inheritdoc/>
    public PictureFeatures Extract(ImageBytes pictures)
    {
        var small = SmallPictures.Of(pictures, _threads);
        var device = _components.Device;
        var rows = new float[small.Count * Width];
        for (int from = 0; from < small.Count; from += BatchSize)
        {
            int[] some = [.. Enumerable.Range(from, Math.Min(BatchSize, small.Count - from))];
            using var batch = small.Batch(device, some);
            using var features = new Tensor(device, new Shape(some.Length, Width));
            MatMul.Run(batch, false, _components, false, features);
            features.CopyTo(rows.AsSpan(from * Width, some.Length * Width));
        }
        for (int i = 0; i < rows.Length; i++)
            rows[i] -= _offset[i % Width];
        return new PictureFeatures(small.Count, rows, [], []);
    }

    /// <inheritdoc/>
    public void Dispose() => _components.Dispose();
}

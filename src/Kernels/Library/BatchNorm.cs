using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

// x[N,C] y[N,C] gamma[C] beta[C]: N samples, C channels; mean and variance are those of a channel over the samples. In [N,H,W,C] pixels
// are samples, and sums over them go in blocks (RowBlocks).

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015): each channel is shifted and scaled to mean 0 and variance 1, then to the learned beta and
/// gamma. The variance is the biased one, Σ(x - mean)² / N.
/// </summary>
public static unsafe partial class BatchNorm
{
    private const int ColumnBlock = 16; // columns of a unit

    /// <summary>
    /// y = (x - mean) · rstd · gamma + beta with the batch's own mean and rstd = 1 / √(variance + epsilon). Both are kept for the backward
    /// pass, and the variance for running statistics.
    /// </summary>
    /// <param name="x">[N,C] or [N,H,W,C]</param>
    /// <param name="gamma">[C]</param>
    /// <param name="beta">[C]</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">as x</param>
    /// <param name="mean">[C]</param>
    /// <param name="variance">[C]</param>
    /// <param name="rstd">[C]</param>
    /// <param name="running">The statistics to move towards the batch's in the same pass; null for none.</param>
    /// <exception cref="ArgumentException">The shapes don't fit, or the batch is empty.</exception>
    public static void Forward(
        Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor variance, Tensor rstd,
        RunningStatistics? running = null)
    {
        Operands.SameShape("BatchNorm", x, y);
        if (running is { } moved)
        {
            Operands.RowOf("BatchNorm", x, moved.Mean);
            Operands.RowOf("BatchNorm", x, moved.Variance);
        }
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, beta, mean, variance, rstd])
            Operands.RowOf("BatchNorm", x, row);
        if (x.Shape.Rows == 0)
            throw new ArgumentException($"BatchNorm: {x.Shape} has no samples to take a mean of");
        if (y.Device is not CpuDevice)
        {
            var d = y.Device;
            var arguments = new ForwardArguments(
                x.On(d), gamma.On(d), beta.On(d), y.On(d), mean.On(d), variance.On(d), rstd.On(d),
                (running?.Mean ?? mean).On(d), (running?.Variance ?? variance).On(d), running is null ? 0 : 1, running?.Momentum ?? 0f,
                x.Shape.Rows, x.Shape.Columns, epsilon);
            if (RowBlocks.Divide(x.Shape))
                ForwardByBlocks(d, arguments);
            else
                Launcher.Groups(d, ColumnChains.GridOf(x.Shape.Columns), ColumnChains.Threads, BatchNormForwardKernel, arguments);
            return;
        }
        Launch(new Columns<Identity>
        {
            X = x.Pointer(),
            Gamma = gamma.Pointer(),
            Beta = beta.Pointer(),
            Y = y.Pointer(),
            Mean = mean.Pointer(),
            Variance = variance.Pointer(),
            Rstd = rstd.Pointer(),
            Epsilon = epsilon,
        }, x);
        if (running is { } statistics)
        {
            MovingAverage.Move(statistics.Mean, mean, statistics.Momentum);
            MovingAverage.Move(statistics.Variance, variance, statistics.Momentum);
        }
    }

    /// <summary>
    /// The gradients of <see cref="Forward"/>: dBeta = Σ dy, dGamma = Σ dy · xHat, dx = gamma · rstd · (dy - dBeta/N - xHat · dGamma/N),
    /// where xHat = (x - mean) · rstd.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward(Tensor x, Tensor gamma, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta) =>
        Backward(x, gamma, mean, rstd, dy, default(Identity), dx, dGamma, dBeta);

    /// <summary>The same gradients where x is an activation's output: dx is multiplied by the activation's slope f'(x).</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward<F>(
        Tensor x, Tensor gamma, Tensor mean, Tensor rstd, Tensor dy, F activation, Tensor dx, Tensor dGamma, Tensor dBeta)
        where F : struct, IActivation
    {
        Operands.SameShape("BatchNorm", x, dy);
        Operands.SameShape("BatchNorm", x, dx);
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, mean, rstd, dGamma, dBeta])
            Operands.RowOf("BatchNorm", x, row);
        if (dx.Device is not CpuDevice)
        {
            var d = dx.Device;
            var arguments = new BackwardArguments<F>(
                x.On(d), gamma.On(d), mean.On(d), rstd.On(d), dy.On(d), activation,
                dx.On(d), dGamma.On(d), dBeta.On(d), x.Shape.Rows, x.Shape.Columns);
            if (RowBlocks.Divide(x.Shape))
                BackwardByBlocks(d, arguments);
            else
                Launcher.Groups(d, ColumnChains.GridOf(x.Shape.Columns), ColumnChains.Threads, BatchNormBackwardKernel, arguments);
            return;
        }
        Launch(new Columns<F>
        {
            Backwards = true,
            Activation = activation,
            X = x.Pointer(),
            Gamma = gamma.Pointer(),
            Mean = mean.Pointer(),
            Rstd = rstd.Pointer(),
            DY = dy.Pointer(),
            Y = dx.Pointer(),
            DGamma = dGamma.Pointer(),
            DBeta = dBeta.Pointer(),
            Means = ((CpuDevice)dx.Device).Scratch(2 * x.Shape.Columns),
        }, x);
    }

    /// <summary>y = (x - mean) · gamma / √(variance + epsilon) + beta, with given statistics.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Inference(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, float epsilon, Tensor y)
    {
        Operands.SameShape("BatchNorm", x, y);
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, beta, mean, variance])
            Operands.RowOf("BatchNorm", x, row);
        if (y.Device is not CpuDevice)
        {
            var d = y.Device;
            var channels = new Channels(gamma.On(d), beta.On(d), mean.On(d), variance.On(d));
            Launcher.ForEach(d, y.Count, BatchNormInferenceKernel, x.On(d), channels, epsilon, y.On(d));
            return;
        }
        var cpu = (CpuDevice)y.Device;
        int channelCount = x.Shape.Columns;
        float* rstd = cpu.Scratch(channelCount);
        CpuLoop.Run(new RstdBody(variance.Pointer(), epsilon, rstd), 0, channelCount);
        var job = new InferenceJob(x.Pointer(), mean.Pointer(), rstd, gamma.Pointer(), beta.Pointer(), y.Pointer(), channelCount);
        cpu.Run(ref job, x.Shape.Rows, CpuLoop.MinRows(channelCount));
    }

    /// <summary>y = the same of a dense layer's output, x = f(in·w + bias), which is not stored on an accelerator.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void InferenceOfLinear<F>(
        Tensor input, Tensor w, Tensor bias, F activation, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, float epsilon, Tensor y)
        where F : struct, IActivation
    {
        if (y.Device is CpuDevice)
        {
            MatMul.Linear(input, w, bias, activation, y);
            Inference(y, gamma, beta, mean, variance, epsilon, y);
            return;
        }
        foreach (var row in (ReadOnlySpan<Tensor>)[bias, gamma, beta, mean, variance])
            Operands.RowOf("BatchNorm", w, row);
        var d = y.Device;
        var channels = new Channels(gamma.On(d), beta.On(d), mean.On(d), variance.On(d));
        DeviceGemm.Run(new GemmCall(input, false, w, false, y), new DeviceBiasNorm<F>(activation, bias.On(d), channels, epsilon));
    }

    internal readonly record struct ForwardArguments(
        ArrayView<float> X, ArrayView<float> Gamma, ArrayView<float> Beta,
        ArrayView<float> Y, ArrayView<float> Mean, ArrayView<float> Variance, ArrayView<float> Rstd,
        ArrayView<float> RunningMean, ArrayView<float> RunningVariance, int Moves, float Momentum, int N, int C, float Epsilon);

    private static void BatchNormForwardKernel(ForwardArguments a)
    {
        var shared = SharedMemory.Allocate<float>(2 * ColumnChains.Columns); // what the first thread of a column found
        int c = ColumnChains.Column, t = Group.IdxX % ColumnChains.Columns;
        float mean = ColumnChains.Sum(new ElementTerms(a.X), a.N, a.C) / a.N;
        if (ColumnChains.Slice == 0)
            shared[t] = mean;
        Group.Barrier();
        mean = shared[t];
        float variance = ColumnChains.Sum(new SquareTerms(a.X, mean), a.N, a.C) / a.N;
        float rstd = 1f / MathF.Sqrt(variance + a.Epsilon);
        if (ColumnChains.Slice == 0)
        {
            shared[ColumnChains.Columns + t] = rstd;
            if (c < a.C)
                KeepStatistics(a, c, mean, variance, rstd);
        }
        Group.Barrier();
        if (c >= a.C)
            return;
        float scale = shared[ColumnChains.Columns + t] * a.Gamma[c], beta = a.Beta[c];
        for (int n = ColumnChains.Slice; n < a.N; n += ColumnChains.Slices)
        {
            long i = ((long)n * a.C) + c;
            a.Y[i] = MathF.FusedMultiplyAdd(a.X[i] - mean, scale, beta);
        }
    }

    /// <summary>Writes a channel's statistics, and moves its running ones if there are any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeepStatistics(ForwardArguments a, int c, float mean, float variance, float rstd)
    {
        a.Mean[c] = mean;
        a.Variance[c] = variance;
        a.Rstd[c] = rstd;
        if (a.Moves != 0)
        {
            a.RunningMean[c] = MovingAverage.Of(a.RunningMean[c], mean, a.Momentum);
            a.RunningVariance[c] = MovingAverage.Of(a.RunningVariance[c], variance, a.Momentum);
        }
    }

    internal readonly record struct BackwardArguments<F>(
        ArrayView<float> X, ArrayView<float> Gamma, ArrayView<float> Mean, ArrayView<float> Rstd,
        ArrayView<float> DY, F Activation, ArrayView<float> DX, ArrayView<float> DGamma, ArrayView<float> DBeta, int N, int C)
        where F : struct, IActivation;

    private static void BatchNormBackwardKernel<F>(BackwardArguments<F> a)
        where F : struct, IActivation
    {
        var shared = SharedMemory.Allocate<float>(2 * ColumnChains.Columns);
        int c = ColumnChains.Column, t = Group.IdxX % ColumnChains.Columns;
        float dBeta = ColumnChains.Sum(new ElementTerms(a.DY), a.N, a.C);
        float dGamma = ColumnChains.Sum(new GradientTerms(a.DY, a.X, a.Mean, a.Rstd), a.N, a.C);
        if (ColumnChains.Slice == 0)
        {
            shared[t] = dBeta / a.N;
            shared[ColumnChains.Columns + t] = dGamma / a.N;
            if (c < a.C)
            {
                a.DBeta[c] = dBeta;
                a.DGamma[c] = dGamma;
            }
        }
        Group.Barrier();
        if (c >= a.C)
            return;
        float mean = a.Mean[c], rstd = a.Rstd[c], scale = a.Gamma[c] * rstd;
        float meanDy = shared[t], meanDyXHat = shared[ColumnChains.Columns + t];
        for (int n = ColumnChains.Slice; n < a.N; n += ColumnChains.Slices)
        {
            long i = ((long)n * a.C) + c;
            float x = a.X[i], xHat = (x - mean) * rstd;
            float dx = scale * (a.DY[i] - meanDy - (xHat * meanDyXHat));
            a.DX[i] = a.Activation.Backward(new Scalar(x), new Scalar(x), new Scalar(dx)).Value;
        }
    }

    internal readonly record struct SquareTerms(ArrayView<float> X, float Mean) : IColumnTerms<float>
    {
        public static bool HasSecond => false;

        public float First(long i, int c) => X[i] - Mean;

        public float Second(long i, int c) => 0f;

        public float Add(float sum, float first, float second) => MathF.FusedMultiplyAdd(first, first, sum);
    }

    internal readonly record struct GradientTerms(
        ArrayView<float> DY, ArrayView<float> X, ArrayView<float> Mean, ArrayView<float> Rstd) : IColumnTerms<float>
    {
        public static bool HasSecond => true;

        public float First(long i, int c) => DY[i];

        public float Second(long i, int c) => (X[i] - Mean[c]) * Rstd[c];

        public float Add(float sum, float first, float second) => MathF.FusedMultiplyAdd(first, second, sum);
    }

    internal readonly record struct Channels(
        ArrayView<float> Gamma, ArrayView<float> Beta, ArrayView<float> Mean, ArrayView<float> Variance);

    private static void BatchNormInferenceKernel(Index1D i, ArrayView<float> x, Channels channels, float epsilon, ArrayView<float> y) =>
        y[i] = Normalised(x[i], channels, epsilon, i % channels.Mean.IntLength);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Normalised(float x, Channels channels, float epsilon, int c)
    {
        float rstd = 1f / MathF.Sqrt(channels.Variance[c] + epsilon);
        return MathF.FusedMultiplyAdd(x - channels.Mean[c], rstd * channels.Gamma[c], channels.Beta[c]);
    }

    /// <summary>y = the batch normalisation of f(a·b + bias), by given statistics.</summary>
    internal readonly record struct DeviceBiasNorm<F>(F Activation, ArrayView<float> Bias, Channels Channels, float Epsilon)
        : IDeviceEpilogue
        where F : struct, IActivation
    {
        public static bool Accumulates => false;

        public int RowOf(int row) => row;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Of(float sum, int at, int column) =>
            Normalised(Activation.Forward(new Scalar(sum + Bias[column])).Value, Channels, Epsilon, column);
    }
}

/// <summary>Batch normalisation's running statistics, which move towards the batch's own.</summary>
/// <param name="Mean">[C]</param>
/// <param name="Variance">[C]</param>
/// <param name="Momentum">How much of them stays, as Keras has it.</param>
public readonly record struct RunningStatistics(Tensor Mean, Tensor Variance, float Momentum);

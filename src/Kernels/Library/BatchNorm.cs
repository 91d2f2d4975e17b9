using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

// x[N,C] y[N,C] gamma[C] beta[C]: N samples, C channels; mean and variance are those of a channel over the samples.

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015): each channel is shifted and scaled to mean 0 and variance 1, then to the learned beta and gamma.
/// The variance is the biased one, Σ(x - mean)² / N.
/// </summary>
public static unsafe class BatchNorm
{
    private const int ColumnBlock = 16; // columns of a unit: one vector, whose rows stay in the cache from pass to pass

    /// <summary>
    /// y = (x - mean) · rstd · gamma + beta with the batch's own mean and rstd = 1 / √(variance + epsilon), which are kept for the backward pass.
    /// The variance is kept too, for the caller's running statistics.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit, or the batch is empty.</exception>
    public static void Forward(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor variance, Tensor rstd)
    {
        Host.SameShape("BatchNorm", x, y);
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, beta, mean, variance, rstd])
            Host.RowOf("BatchNorm", x, row);
        if (x.Shape.Rows == 0)
            throw new ArgumentException($"BatchNorm: {x.Shape} has no samples to take a mean of");
        if (y.Device is not CpuDevice)
        {
            var d = y.Device;
            Launcher.Groups(d, ColumnGroup.GridOf(x.Shape.Columns), ColumnGroup.Size, BatchNormForwardKernel, new ForwardArguments(
                x.On(d), gamma.On(d), beta.On(d), y.On(d), mean.On(d), variance.On(d), rstd.On(d), x.Shape.Rows, x.Shape.Columns, epsilon));
            return;
        }
        Launch(new Columns
        {
            Kind = Pass.Forward,
            X = x.Pointer(),
            Gamma = gamma.Pointer(),
            Beta = beta.Pointer(),
            Y = y.Pointer(),
            Mean = mean.Pointer(),
            Variance = variance.Pointer(),
            Rstd = rstd.Pointer(),
            Epsilon = epsilon,
        }, x);
    }

    /// <summary>
    /// The gradients of <see cref="Forward"/>: dBeta = Σ dy, dGamma = Σ dy · xHat, dx = gamma · rstd · (dy - dBeta/N - xHat · dGamma/N), where
    /// xHat = (x - mean) · rstd.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward(Tensor x, Tensor gamma, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta)
    {
        Host.SameShape("BatchNorm", x, dy);
        Host.SameShape("BatchNorm", x, dx);
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, mean, rstd, dGamma, dBeta])
            Host.RowOf("BatchNorm", x, row);
        if (dx.Device is not CpuDevice)
        {
            var d = dx.Device;
            Launcher.Groups(d, ColumnGroup.GridOf(x.Shape.Columns), ColumnGroup.Size, BatchNormBackwardKernel, new BackwardArguments(
                x.On(d), gamma.On(d), mean.On(d), rstd.On(d), dy.On(d), dx.On(d), dGamma.On(d), dBeta.On(d), x.Shape.Rows, x.Shape.Columns));
            return;
        }
        Launch(new Columns
        {
            Kind = Pass.Backward,
            X = x.Pointer(),
            Gamma = gamma.Pointer(),
            Mean = mean.Pointer(),
            Rstd = rstd.Pointer(),
            DY = dy.Pointer(),
            Y = dx.Pointer(),
            DGamma = dGamma.Pointer(),
            DBeta = dBeta.Pointer(),
        }, x);
    }

    /// <summary>y = (x - mean) · gamma / √(variance + epsilon) + beta, with given statistics.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Inference(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, float epsilon, Tensor y)
    {
        Host.SameShape("BatchNorm", x, y);
        foreach (var row in (ReadOnlySpan<Tensor>)[gamma, beta, mean, variance])
            Host.RowOf("BatchNorm", x, row);
        if (y.Device is not CpuDevice)
        {
            var d = y.Device;
            var channels = new Channels(gamma.On(d), beta.On(d), mean.On(d), variance.On(d));
            Launcher.ForEach(d, y.Count, BatchNormInferenceKernel, x.On(d), channels, epsilon, y.On(d));
            return;
        }
        Launch(new Columns
        {
            Kind = Pass.Inference,
            X = x.Pointer(),
            Gamma = gamma.Pointer(),
            Beta = beta.Pointer(),
            Y = y.Pointer(),
            Mean = mean.Pointer(),
            Variance = variance.Pointer(),
            Epsilon = epsilon,
        }, x);
    }

    private readonly record struct ForwardArguments(
        ArrayView<float> X, ArrayView<float> Gamma, ArrayView<float> Beta,
        ArrayView<float> Y, ArrayView<float> Mean, ArrayView<float> Variance, ArrayView<float> Rstd, int N, int C, float Epsilon);

    private static void BatchNormForwardKernel(ForwardArguments a)
    {
        int c = ColumnGroup.Column, rows = c < a.C ? a.N : 0; // threads past the last column take part in the sums, with nothing
        float sum = 0f;
        for (int n = ColumnGroup.Slice; n < rows; n += ColumnGroup.Slices)
            sum += a.X[((long)n * a.C) + c];
        float mean = GroupSums.OfColumns(sum) / a.N;
        float squares = 0f;
        for (int n = ColumnGroup.Slice; n < rows; n += ColumnGroup.Slices)
        {
            float centred = a.X[((long)n * a.C) + c] - mean;
            squares = MathF.FusedMultiplyAdd(centred, centred, squares);
        }
        float variance = GroupSums.OfColumns(squares) / a.N;
        if (c >= a.C)
            return;
        float rstd = 1f / MathF.Sqrt(variance + a.Epsilon);
        if (ColumnGroup.Slice == 0)
        {
            a.Mean[c] = mean;
            a.Variance[c] = variance;
            a.Rstd[c] = rstd;
        }
        float scale = rstd * a.Gamma[c], beta = a.Beta[c];
        for (int n = ColumnGroup.Slice; n < rows; n += ColumnGroup.Slices)
        {
            long i = ((long)n * a.C) + c;
            a.Y[i] = MathF.FusedMultiplyAdd(a.X[i] - mean, scale, beta);
        }
    }

    private readonly record struct BackwardArguments(
        ArrayView<float> X, ArrayView<float> Gamma, ArrayView<float> Mean, ArrayView<float> Rstd,
        ArrayView<float> DY, ArrayView<float> DX, ArrayView<float> DGamma, ArrayView<float> DBeta, int N, int C);

    private static void BatchNormBackwardKernel(BackwardArguments a)
    {
        int c = ColumnGroup.Column, rows = c < a.C ? a.N : 0;
        float mean = 0f, rstd = 0f, dBeta = 0f, dGamma = 0f;
        if (c < a.C)
        {
            mean = a.Mean[c];
            rstd = a.Rstd[c];
        }
        for (int n = ColumnGroup.Slice; n < rows; n += ColumnGroup.Slices)
        {
            long i = ((long)n * a.C) + c;
            float dy = a.DY[i];
            dBeta += dy;
            dGamma = MathF.FusedMultiplyAdd(dy, (a.X[i] - mean) * rstd, dGamma);
        }
        dBeta = GroupSums.OfColumns(dBeta);
        dGamma = GroupSums.OfColumns(dGamma);
        if (c >= a.C)
            return;
        if (ColumnGroup.Slice == 0)
        {
            a.DBeta[c] = dBeta;
            a.DGamma[c] = dGamma;
        }
        float scale = a.Gamma[c] * rstd, meanDy = dBeta / a.N, meanDyXHat = dGamma / a.N;
        for (int n = ColumnGroup.Slice; n < rows; n += ColumnGroup.Slices)
        {
            long i = ((long)n * a.C) + c;
            float xHat = (a.X[i] - mean) * rstd;
            a.DX[i] = scale * (a.DY[i] - meanDy - (xHat * meanDyXHat));
        }
    }

    private readonly record struct Channels(ArrayView<float> Gamma, ArrayView<float> Beta, ArrayView<float> Mean, ArrayView<float> Variance);

    private static void BatchNormInferenceKernel(Index1D i, ArrayView<float> x, Channels channels, float epsilon, ArrayView<float> y)
    {
        if (i >= y.Length)
            return;
        int c = i % channels.Mean.IntLength;
        float rstd = 1f / MathF.Sqrt(channels.Variance[c] + epsilon);
        y[i] = MathF.FusedMultiplyAdd(x[i] - channels.Mean[c], rstd * channels.Gamma[c], channels.Beta[c]);
    }

    private static void Launch(Columns job, Tensor x)
    {
        job.N = x.Shape.Rows;
        job.C = x.Shape.Columns;
        ((CpuDevice)x.Device).Run(ref job, (job.C + ColumnBlock - 1) / ColumnBlock, (Host.Chunk * 2 / ColumnBlock / Math.Max(1, job.N)) + 1);
    }

    private enum Pass
    {
        Forward,
        Backward,
        Inference,
    }

    private struct Columns : IJob
    {
        public Pass Kind;
        public float* X, Gamma, Beta, Y, Mean, Variance, Rstd, DY, DGamma, DBeta;
        public int N, C;
        public float Epsilon;

        public readonly void Run(int from, int to)
        {
            int c = from * ColumnBlock, end = Math.Min(C, to * ColumnBlock);
            for (; c <= end - Simd.Lanes; c += Simd.Lanes)
                Do<Simd>(c);
            for (; c < end; c++)
                Do<Scalar>(c);
        }

        private readonly void Do<V>(int c)
            where V : struct, IFloatLane<V>
        {
            if (Kind == Pass.Forward)
                Forward<V>(c);
            else if (Kind == Pass.Backward)
                Backward<V>(c);
            else
                Inference<V>(c);
        }

        private readonly void Forward<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V sum = V.Of(0f), count = V.Of(N);
            for (int n = 0; n < N; n++)
                sum += V.Load(X + ((nint)n * C) + c);
            V mean = sum / count;
            V squares = V.Of(0f);
            for (int n = 0; n < N; n++)
            {
                V centred = V.Load(X + ((nint)n * C) + c) - mean;
                squares = V.MultiplyAdd(centred, centred, squares);
            }
            V variance = squares / count;
            V rstd = V.Of(1f) / V.Sqrt(variance + V.Of(Epsilon));
            V.Store(Mean + c, mean);
            V.Store(Variance + c, variance);
            V.Store(Rstd + c, rstd);
            Apply(c, mean, rstd * V.Load(Gamma + c), V.Load(Beta + c));
        }

        private readonly void Inference<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V rstd = V.Of(1f) / V.Sqrt(V.Load(Variance + c) + V.Of(Epsilon));
            Apply(c, V.Load(Mean + c), rstd * V.Load(Gamma + c), V.Load(Beta + c));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Apply<V>(int c, V mean, V scale, V beta)
            where V : struct, IFloatLane<V>
        {
            for (int n = 0; n < N; n++)
            {
                nint i = ((nint)n * C) + c;
                V.Store(Y + i, V.MultiplyAdd(V.Load(X + i) - mean, scale, beta));
            }
        }

        private readonly void Backward<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V mean = V.Load(Mean + c), rstd = V.Load(Rstd + c);
            V dBeta = V.Of(0f), dGamma = V.Of(0f);
            for (int n = 0; n < N; n++)
            {
                nint i = ((nint)n * C) + c;
                V dy = V.Load(DY + i);
                dBeta += dy;
                dGamma = V.MultiplyAdd(dy, (V.Load(X + i) - mean) * rstd, dGamma);
            }
            V.Store(DBeta + c, dBeta);
            V.Store(DGamma + c, dGamma);
            V count = V.Of(N), scale = V.Load(Gamma + c) * rstd;
            V meanDy = dBeta / count, meanDyXHat = dGamma / count;
            for (int n = 0; n < N; n++)
            {
                nint i = ((nint)n * C) + c;
                V xHat = (V.Load(X + i) - mean) * rstd;
                V.Store(Y + i, scale * (V.Load(DY + i) - meanDy - (xHat * meanDyXHat)));
            }
        }
    }
}

using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The processor's loops.</content>
public static unsafe partial class BatchNorm
{
    private static void Launch<F>(Columns<F> job, Tensor x)
        where F : struct, IActivation
    {
        job.N = x.Shape.Rows;
        job.C = x.Shape.Columns;
        var device = (CpuDevice)x.Device;
        if (RowBlocks.Divide(x.Shape))
        {
            RunBlocks(device, job);
            return;
        }
        int minBlocks = (CpuLoop.MinElements / ColumnBlock / Math.Max(1, job.N)) + 1;
        device.Run(ref job, (job.C + ColumnBlock - 1) / ColumnBlock, minBlocks);
    }

    /// <summary>
    /// The passes over the batch, row by row, because a column's numbers are far apart. A channel's sum is one chain over the rows, added
    /// eight at a time. A unit is a vector of channels.
    /// </summary>
    private struct Columns<F> : IJob
        where F : struct, IActivation
    {
        private const int Rows = 8;

        public bool Backwards;
        public F Activation;
        public float* X, Gamma, Beta, Y, Mean, Variance, Rstd, DY, DGamma, DBeta, Means;
        public int N, C;
        public float Epsilon;

        public readonly string Name => Backwards ? "BatchNorm Backward" : "BatchNorm Forward";

        public readonly void Run(int from, int to)
        {
            int c = from * ColumnBlock, end = Math.Min(C, to * ColumnBlock);
            if (Backwards)
                Backward(c, end);
            else
                Forward(c, end);
        }

        private readonly void Forward(int c, int end)
        {
            new Span<float>(Mean + c, end - c).Clear();
            new Span<float>(Variance + c, end - c).Clear();
            for (int n = 0; n < N; n += Rows)
                CpuLoop.Run(new SumBody(X + ((nint)n * C), C, Math.Min(Rows, N - n), Mean), c, end);
            CpuLoop.Run(new DivideBody(Mean, N), c, end);
            for (int n = 0; n < N; n += Rows)
                CpuLoop.Run(new SquaresBody(X + ((nint)n * C), C, Math.Min(Rows, N - n), Mean, Variance), c, end);
            CpuLoop.Run(new DivideBody(Variance, N), c, end);
            CpuLoop.Run(new RstdBody(Variance, Epsilon, Rstd), c, end);
            for (int n = 0; n < N; n++)
                NormaliseRow(n, c, end);
        }

        public readonly void NormaliseRow(int n, int c, int end)
        {
            nint row = (nint)n * C;
            CpuLoop.Run(new ApplyBody(X + row, Mean, Rstd, Gamma, Beta, Y + row), c, end);
        }

        private readonly void Backward(int c, int end)
        {
            new Span<float>(DBeta + c, end - c).Clear();
            new Span<float>(DGamma + c, end - c).Clear();
            for (int n = 0; n < N; n += Rows)
            {
                nint row = (nint)n * C;
                CpuLoop.Run(new GradientSumsBody(DY + row, X + row, C, Math.Min(Rows, N - n), Mean, Rstd, DBeta, DGamma), c, end);
            }
            CpuLoop.Run(new MeansBody(DBeta, DGamma, N, Means, Means + C), c, end);
            for (int n = 0; n < N; n++)
                DifferentiateRow(n, c, end);
        }

        public readonly void DifferentiateRow(int n, int c, int end)
        {
            nint row = (nint)n * C;
            CpuLoop.Run(new GradientBody<F>(Activation, DY + row, X + row, Mean, Rstd, Gamma, Means, Means + C, Y + row), c, end);
        }
    }

    private readonly struct SumBody(float* x, nint stride, int rows, float* sum) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V s = V.Load(sum + c);
            for (float* at = x + c, end = at + (rows * stride); at < end; at += stride)
                s += V.Load(at);
            V.Store(sum + c, s);
        }
    }

    private readonly struct SquaresBody(float* x, nint stride, int rows, float* mean, float* squares) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V s = V.Load(squares + c), m = V.Load(mean + c);
            for (float* at = x + c, end = at + (rows * stride); at < end; at += stride)
            {
                V centred = V.Load(at) - m;
                s = V.MultiplyAdd(centred, centred, s);
            }
            V.Store(squares + c, s);
        }
    }

    private readonly struct DivideBody(float* sum, int count) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V> => V.Store(sum + c, V.Load(sum + c) / V.Of(count));
    }

    private readonly struct RstdBody(float* variance, float epsilon, float* rstd) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V> => V.Store(rstd + c, V.Of(1f) / V.Sqrt(V.Load(variance + c) + V.Of(epsilon)));
    }

    private readonly struct ApplyBody(float* x, float* mean, float* rstd, float* gamma, float* beta, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V> =>
            V.Store(y + c, V.MultiplyAdd(V.Load(x + c) - V.Load(mean + c), V.Load(rstd + c) * V.Load(gamma + c), V.Load(beta + c)));
    }

    private readonly struct GradientSumsBody(
        float* dy, float* x, nint stride, int rows, float* mean, float* rstd, float* dBeta, float* dGamma) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V b = V.Load(dBeta + c), g = V.Load(dGamma + c), m = V.Load(mean + c), r = V.Load(rstd + c);
            float* input = x + c;
            for (float* at = dy + c, end = at + (rows * stride); at < end; at += stride, input += stride)
            {
                V d = V.Load(at);
                b += d;
                g = V.MultiplyAdd(d, (V.Load(input) - m) * r, g);
            }
            V.Store(dBeta + c, b);
            V.Store(dGamma + c, g);
        }
    }

    private readonly struct MeansBody(float* dBeta, float* dGamma, int count, float* meanDy, float* meanDyXHat) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V.Store(meanDy + c, V.Load(dBeta + c) / V.Of(count));
            V.Store(meanDyXHat + c, V.Load(dGamma + c) / V.Of(count));
        }
    }

    private readonly struct GradientBody<F>(
        F activation, float* dy, float* x, float* mean, float* rstd, float* gamma, float* meanDy, float* meanDyXHat, float* dx) : ILoopBody
        where F : struct, IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            V r = V.Load(rstd + c), input = V.Load(x + c);
            V xHat = (input - V.Load(mean + c)) * r;
            V centred = V.Load(dy + c) - V.Load(meanDy + c) - (xHat * V.Load(meanDyXHat + c));
            V.Store(dx + c, activation.Backward(input, input, V.Load(gamma + c) * r * centred));
        }
    }

    /// <summary>A unit is a row.</summary>
    private readonly struct InferenceJob(float* x, float* mean, float* rstd, float* gamma, float* beta, float* y, int columns) : IJob
    {
        public string Name => "BatchNorm Inference";

        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
                CpuLoop.Run(new ApplyBody(x + ((nint)n * columns), mean, rstd, gamma, beta, y + ((nint)n * columns)), 0, columns);
        }
    }
}

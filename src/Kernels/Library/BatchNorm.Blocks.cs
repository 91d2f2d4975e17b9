using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <content>
/// Activations of four dimensions, whose sums over pixels go in blocks. A block has a mean and the sum of squares about it, so that it is
/// fetched once; the batch's are made of those (Chan, Golub and LeVeque, 1979).
/// </content>
public static unsafe partial class BatchNorm
{
    private static void RunBlocks<F>(CpuDevice device, Columns<F> job)
        where F : struct, IActivation
    {
        int blocks = RowBlocks.Count(job.N);
        using var ofBlocks = new Tensor(device, new Shape(2, blocks, job.C));
        float* first = ofBlocks.Pointer(), second = first + (ofBlocks.Count / 2);
        if (job.Backwards)
        {
            var sums = new BlockGradients(job.X, job.DY, job.Mean, job.Rstd, job.C, first, second);
            RowBlocks.ForEach(device, sums, job.N, job.C);
            CpuLoop.Run(new TotalBody(first, blocks, job.C, job.DBeta), 0, job.C);
            CpuLoop.Run(new TotalBody(second, blocks, job.C, job.DGamma), 0, job.C);
            CpuLoop.Run(new MeansBody(job.DBeta, job.DGamma, job.N, job.Means, job.Means + job.C), 0, job.C);
        }
        else
        {
            RowBlocks.ForEach(device, new BlockStatistics(job.X, job.C, first, second), job.N, job.C);
            CpuLoop.Run(new StatisticsBody(first, second, job.N, job.C, job.Mean, job.Variance), 0, job.C);
            CpuLoop.Run(new RstdBody(job.Variance, job.Epsilon, job.Rstd), 0, job.C);
        }
        var rows = new RowsJob<F>(job);
        device.Run(ref rows, job.N, CpuLoop.MinRows(job.C));
    }

    /// <summary>Writes a block's means and its sums of squares about them.</summary>
    private readonly struct BlockStatistics(float* x, int columns, float* means, float* squares) : IRowBlockBody
    {
        public void Run(int block, int first, int rows, int c, int end)
        {
            nint from = (nint)first * columns, to = (nint)block * columns;
            CpuChains.Sum(new DistanceChain(x, x + from), from, rows, columns, means + to, c, end);
            CpuLoop.Run(new BlockMeanBody(x + from, rows, means + to), c, end);
            CpuChains.Sum(new SquareChain(x, means + to), from, rows, columns, squares + to, c, end);
        }
    }

    /// <summary>Distances from a block's first row: of a large mean they lose less than the numbers.</summary>
    private readonly struct DistanceChain(float* x, float* origin) : IChainTerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint i, int c)
            where V : struct, IFloatLane<V> => sum + (V.Load(x + i) - V.Load(origin + c));
    }

    private readonly struct SquareChain(float* x, float* mean) : IChainTerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint i, int c)
            where V : struct, IFloatLane<V>
        {
            V centred = V.Load(x + i) - V.Load(mean + c);
            return V.MultiplyAdd(centred, centred, sum);
        }
    }

    private readonly struct GradientChain(float* x, float* dy, float* mean, float* rstd) : IChainTerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint i, int c)
            where V : struct, IFloatLane<V> =>
            V.MultiplyAdd(V.Load(dy + i), (V.Load(x + i) - V.Load(mean + c)) * V.Load(rstd + c), sum);
    }

    private readonly struct BlockMeanBody(float* origin, int rows, float* sum) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V> => V.Store(sum + c, V.Load(origin + c) + (V.Load(sum + c) / V.Of(rows)));
    }

    private readonly struct StatisticsBody(float* means, float* squares, int rows, int columns, float* mean, float* variance) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int c)
            where V : struct, IFloatLane<V>
        {
            int blocks = RowBlocks.Count(rows);
            TwoSum<V> sum = default, square = default;
            for (int block = 0; block < blocks; block++)
                sum = sum.Plus(SumOf(V.Load(means + ((nint)block * columns) + c), RowBlocks.RowsOf(block, rows)));
            V m = sum.Total / V.Of(rows);
            for (int block = 0; block < blocks; block++)
            {
                nint at = ((nint)block * columns) + c;
                square = square.Plus(SquaresOf(V.Load(means + at), V.Load(squares + at), RowBlocks.RowsOf(block, rows), m));
            }
            V.Store(mean + c, m);
            V.Store(variance + c, square.Total / V.Of(rows));
        }
    }

    private readonly struct BlockGradients(
        float* x, float* dy, float* mean, float* rstd, int columns, float* dBetas, float* dGammas) : IRowBlockBody
    {
        public void Run(int block, int first, int rows, int c, int end)
        {
            nint from = (nint)first * columns, to = (nint)block * columns;
            CpuChains.Sum(new ElementChain(dy), from, rows, columns, dBetas + to, c, end);
            CpuChains.Sum(new GradientChain(x, dy, mean, rstd), from, rows, columns, dGammas + to, c, end);
        }
    }

    /// <summary>What follows the sums; a unit is a row.</summary>
    private readonly struct RowsJob<F>(Columns<F> columns) : IJob
        where F : struct, IActivation
    {
        public string Name => columns.Name;

        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
            {
                if (columns.Backwards)
                    columns.DifferentiateRow(n, 0, columns.C);
                else
                    columns.NormaliseRow(n, 0, columns.C);
            }
        }
    }

    /// <summary>Returns a block's sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SumOf<V>(V blockMean, int rows)
        where V : struct, ILane<V> => blockMean * V.Of(rows);

    /// <summary>Returns a block's sum of squares about the batch's mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SquaresOf<V>(V blockMean, V blockSquares, int rows, V mean)
        where V : struct, ILane<V>
    {
        V apart = blockMean - mean;
        return V.MultiplyAdd(apart * V.Of(rows), apart, blockSquares);
    }

    private static void ForwardByBlocks(Device d, ForwardArguments a)
    {
        int blocks = RowBlocks.Count(a.N);
        using Tensor means = new(d, new Shape(blocks, a.C)), squares = new(d, new Shape(blocks, a.C));
        var arguments = new BlockForwardArguments(a, means.On(d), squares.On(d));
        Launcher.Groups(d, RowBlocks.GridOf(a.N, a.C), ColumnChains.Threads, BlockStatisticsKernel, arguments);
        Launcher.Groups(d, ColumnChains.GridOf(a.C), ColumnChains.Threads, StatisticsOfBlocksKernel, arguments);
        Launcher.ForEach(d, (int)a.X.Length, NormaliseKernel, a.X, new Scales(a.Gamma, a.Beta, a.Mean, a.Rstd), a.Y);
    }

    internal readonly record struct BlockForwardArguments(ForwardArguments All, ArrayView<float> Means, ArrayView<float> Squares);

    private static void BlockStatisticsKernel(BlockForwardArguments a)
    {
        var shared = SharedMemory.Allocate<float>(ColumnChains.Columns); // what the first thread of a column found
        int block = Grid.IdxX, c = ColumnChains.ColumnOf(Grid.IdxY), t = Group.IdxX % ColumnChains.Columns;
        int first = block * RowBlocks.Rows, rows = RowBlocks.RowsOf(block, a.All.N), columns = a.All.C;
        float origin = a.All.X[((long)first * columns) + (c < columns ? c : columns - 1)];
        float distances = ColumnChains.Sum<float, DistanceTerms>(new(a.All.X, origin), c, first, rows, columns);
        if (ColumnChains.Slice == 0)
            shared[t] = origin + (distances / rows);
        Group.Barrier();
        float mean = shared[t];
        float squares = ColumnChains.Sum<float, SquareTerms>(new(a.All.X, mean), c, first, rows, columns);
        if (ColumnChains.Slice == 0 && c < columns)
        {
            long i = ((long)block * columns) + c;
            a.Means[i] = mean;
            a.Squares[i] = squares;
        }
    }

    private static void StatisticsOfBlocksKernel(BlockForwardArguments a)
    {
        var shared = SharedMemory.Allocate<float>(ColumnChains.Columns);
        int c = ColumnChains.Column, t = Group.IdxX % ColumnChains.Columns, n = a.All.N, columns = a.All.C, blocks = RowBlocks.Count(n);
        var sum = ColumnChains.Sum<TwoSum<Scalar>, MeanTerms>(new(a.Means, n, columns), c, 0, blocks, columns);
        if (ColumnChains.Slice == 0)
            shared[t] = sum.Total.Value / n;
        Group.Barrier();
        float mean = shared[t];
        var squares = ColumnChains.Sum<TwoSum<Scalar>, VarianceTerms>(new(a.Means, a.Squares, mean, n, columns), c, 0, blocks, columns);
        if (ColumnChains.Slice == 0 && c < columns)
        {
            float variance = squares.Total.Value / n;
            KeepStatistics(a.All, c, mean, variance, 1f / MathF.Sqrt(variance + a.All.Epsilon));
        }
    }

    internal readonly record struct Scales(
        ArrayView<float> Gamma, ArrayView<float> Beta, ArrayView<float> Mean, ArrayView<float> Rstd);

    private static void NormaliseKernel(Index1D i, ArrayView<float> x, Scales scales, ArrayView<float> y)
    {
        int c = i % scales.Mean.IntLength;
        y[i] = MathF.FusedMultiplyAdd(x[i] - scales.Mean[c], scales.Rstd[c] * scales.Gamma[c], scales.Beta[c]);
    }

    private static void BackwardByBlocks<F>(Device d, BackwardArguments<F> a)
        where F : struct, IActivation
    {
        int blocks = RowBlocks.Count(a.N);
        using Tensor dBetas = new(d, new Shape(blocks, a.C)), dGammas = new(d, new Shape(blocks, a.C)), means = new(d, new Shape(2, a.C));
        var sums = new BlockGradientArguments(a.X, a.Mean, a.Rstd, a.DY, dBetas.On(d), dGammas.On(d), a.N, a.C);
        Launcher.Groups(d, RowBlocks.GridOf(a.N, a.C), ColumnChains.Threads, BlockGradientsKernel, sums);
        var totals = new GradientTotalArguments(dBetas.On(d), dGammas.On(d), a.DBeta, a.DGamma, means.On(d), a.N, a.C);
        Launcher.Groups(d, ColumnChains.GridOf(a.C), ColumnChains.Threads, GradientsOfBlocksKernel, totals);
        var slopes = new Slopes(a.Gamma, a.Mean, a.Rstd, means.On(d));
        Launcher.ForEach(d, (int)a.X.Length, DifferentiateKernel, a.Activation, a.X, a.DY, slopes, a.DX);
    }

    internal readonly record struct BlockGradientArguments(
        ArrayView<float> X, ArrayView<float> Mean, ArrayView<float> Rstd, ArrayView<float> DY,
        ArrayView<float> DBetas, ArrayView<float> DGammas, int N, int C);

    private static void BlockGradientsKernel(BlockGradientArguments a)
    {
        int block = Grid.IdxX, c = ColumnChains.ColumnOf(Grid.IdxY), rows = RowBlocks.RowsOf(block, a.N);
        var terms = new GradientPairTerms(new GradientTerms(a.DY, a.X, a.Mean, a.Rstd));
        var sums = ColumnChains.Sum<GradientPair, GradientPairTerms>(terms, c, block * RowBlocks.Rows, rows, a.C);
        if (ColumnChains.Slice == 0 && c < a.C)
        {
            long i = ((long)block * a.C) + c;
            a.DBetas[i] = sums.DBeta;
            a.DGammas[i] = sums.DGamma;
        }
    }

    internal readonly record struct GradientTotalArguments(
        ArrayView<float> DBetas, ArrayView<float> DGammas, ArrayView<float> DBeta, ArrayView<float> DGamma, ArrayView<float> Means,
        int N, int C);

    private static void GradientsOfBlocksKernel(GradientTotalArguments a)
    {
        int c = ColumnChains.Column, blocks = RowBlocks.Count(a.N);
        var dBeta = ColumnChains.Sum<TwoSum<Scalar>, SumsOfBlocks>(new(a.DBetas), c, 0, blocks, a.C);
        var dGamma = ColumnChains.Sum<TwoSum<Scalar>, SumsOfBlocks>(new(a.DGammas), c, 0, blocks, a.C);
        if (ColumnChains.Slice == 0 && c < a.C)
        {
            float ofDy = dBeta.Total.Value, ofDyXHat = dGamma.Total.Value;
            a.DBeta[c] = ofDy;
            a.DGamma[c] = ofDyXHat;
            a.Means[c] = ofDy / a.N;
            a.Means[a.C + c] = ofDyXHat / a.N;
        }
    }

    /// <param name="Gamma">[C]</param>
    /// <param name="Mean">[C]</param>
    /// <param name="Rstd">[C]</param>
    /// <param name="Means">[2,C]: of dy and of dy · xHat.</param>
    internal readonly record struct Slopes(
        ArrayView<float> Gamma, ArrayView<float> Mean, ArrayView<float> Rstd, ArrayView<float> Means);

    private static void DifferentiateKernel<F>(
        Index1D i, F activation, ArrayView<float> input, ArrayView<float> dy, Slopes slopes, ArrayView<float> dx)
        where F : struct, IActivation
    {
        int columns = slopes.Mean.IntLength, c = i % columns;
        float rstd = slopes.Rstd[c], x = input[i], xHat = (x - slopes.Mean[c]) * rstd;
        float slope = slopes.Gamma[c] * rstd * (dy[i] - slopes.Means[c] - (xHat * slopes.Means[columns + c]));
        dx[i] = activation.Backward(new Scalar(x), new Scalar(x), new Scalar(slope)).Value;
    }

    internal readonly record struct DistanceTerms(ArrayView<float> X, float Origin) : IColumnTerms<float>
    {
        public static bool HasSecond => false;

        public float First(long i, int c) => X[i] - Origin;

        public float Second(long i, int c) => 0f;

        public float Add(float sum, float first, float second) => sum + first;
    }

    internal readonly record struct MeanTerms(ArrayView<float> Means, int N, int C) : IColumnTerms<TwoSum<Scalar>>
    {
        public static bool HasSecond => false;

        public float First(long i, int c) => SumOf(new Scalar(Means[i]), RowBlocks.RowsOf((int)i / C, N)).Value;

        public float Second(long i, int c) => 0f;

        public TwoSum<Scalar> Add(TwoSum<Scalar> sum, float first, float second) => sum.Plus(new Scalar(first));
    }

    internal readonly record struct VarianceTerms(ArrayView<float> Means, ArrayView<float> Squares, float Mean, int N, int C)
        : IColumnTerms<TwoSum<Scalar>>
    {
        public static bool HasSecond => false;

        public float First(long i, int c) =>
            SquaresOf(new Scalar(Means[i]), new Scalar(Squares[i]), RowBlocks.RowsOf((int)i / C, N), new Scalar(Mean)).Value;

        public float Second(long i, int c) => 0f;

        public TwoSum<Scalar> Add(TwoSum<Scalar> sum, float first, float second) => sum.Plus(new Scalar(first));
    }

    internal readonly record struct GradientPair(float DBeta, float DGamma);

    internal readonly record struct GradientPairTerms(GradientTerms Terms) : IColumnTerms<GradientPair>
    {
        public static bool HasSecond => true;

        public float First(long i, int c) => Terms.First(i, c);

        public float Second(long i, int c) => Terms.Second(i, c);

        public GradientPair Add(GradientPair sum, float first, float second) =>
            new(sum.DBeta + first, Terms.Add(sum.DGamma, first, second));
    }
}

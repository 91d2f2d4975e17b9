using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// The matrix product on an accelerator. Every element of the result is one chain of fused multiply-adds in the order of k, as on the
/// processor, so the choice of a tile changes no bit.
/// </summary>
/// <remarks>
/// <code>
///                     n: Side columns    A group of threads computes Side x Side elements. Each thread keeps a tile of sums in registers
///              k  +-------------------+  (ITile), four by four in each quarter of a large one, so that the threads of a warp read shared
///                 |  B in shared      |  memory side by side.
///          k      +-------------------+
///      +-------+  +-------------------+  A block of k, Depth steps, is loaded to shared memory, k outermost, while the sums of the block
/// m:   |   A   |  | a thread: ##  ##  |  before are computed: with two buffers one barrier a block is enough. Where rows are multiples
/// Side |shared |  |           ##  ##  |  of four, four numbers are read at once.
///      |       |  |           ##  ##  |
///      +-------+  +-------------------+  Nothing outside of the matrix is computed with: places are clamped to its edge, sums of none are
///                                        not stored, and the last block has only the steps that exist.
/// </code>
/// </remarks>
internal static class DeviceGemm
{
    /// <summary>Launches a product.</summary>
    public static void Run<E>(GemmCall call, E epilogue)
        where E : struct, IDeviceEpilogue
    {
        var (m, n) = (call.M, call.N);
        if (m == 0 || n == 0)
            return;
        var device = call.Y.Device;
        var arguments = new MatMulArguments<E>(call.A.On(device), call.B.On(device), call.Y.On(device), epilogue, m, n, call.K);
        Launch(device, TileChoice.For(call, arguments), call.TransposeA, call.TransposeB, arguments);
    }

    /// <summary>Launches the product with a kind of tile.</summary>
    internal static void Launch<E>(Device device, TileKind tile, bool transposeA, bool transposeB, MatMulArguments<E> arguments)
        where E : struct, IDeviceEpilogue
    {
        switch (tile)
        {
            case TileKind.Large:
                WithTile<LargeTile, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.Middle:
                WithTile<MiddleTile, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.Small:
                WithTile<SmallTile, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.Tiny:
                WithTile<FineTile<Sixteen>, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.MiddleAhead:
                Ahead<MiddleTile, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.FineAhead:
                Ahead<FineTile<ThirtyTwo>, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.TinyAhead:
                Ahead<FineTile<Sixteen>, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.LargeTf32:
                WithTile<LargeTf32Tile<TensorCores>, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.MiddleTf32:
                WithTile<MiddleTf32Tile<TensorCores>, E>(device, transposeA, transposeB, arguments);
                break;
            case TileKind.FineTf32:
                WithTile<FineTf32Tile<TensorCores>, E>(device, transposeA, transposeB, arguments);
                break;
            default:
                WithTile<FineTile<ThirtyTwo>, E>(device, transposeA, transposeB, arguments);
                break;
        }
    }

    /// <summary>Returns the tiles along an extent of the result.</summary>
    internal static int Tiles<T>(int extent)
        where T : struct, ITile<T> => (extent + T.Side - 1) / T.Side;

    /// <summary>Launches the product with a tile of the caller's choice.</summary>
    internal static void WithTile<T, E>(Device device, bool transposeA, bool transposeB, MatMulArguments<E> arguments)
        where T : struct, ITile<T>
        where E : struct, IDeviceEpilogue => InForm<Loaded<T>, E>(device, transposeA, transposeB, arguments);

    /// <summary>Launches a kind of product in the form that its operands have.</summary>
    internal static void InForm<P, E>(Device device, bool transposeA, bool transposeB, MatMulArguments<E> arguments)
        where P : struct, IProduct
        where E : struct, IDeviceEpilogue
    {
        if (transposeA && transposeB)
            WithLayouts<P, AlongSide, AlongDepth, E>(device, arguments);
        else if (transposeA)
            WithLayouts<P, AlongSide, AlongSide, E>(device, arguments);
        else if (transposeB)
            WithLayouts<P, AlongDepth, AlongDepth, E>(device, arguments);
        else
            WithLayouts<P, AlongDepth, AlongSide, E>(device, arguments);
    }

    private static void Ahead<T, E>(Device device, bool transposeA, bool transposeB, MatMulArguments<E> arguments)
        where T : struct, ITile<T>
        where E : struct, IDeviceEpilogue => InForm<AheadGemm.Copied<CudaCopies, T>, E>(device, transposeA, transposeB, arguments);

    private static void WithLayouts<P, LA, LB, E>(Device device, MatMulArguments<E> arguments)
        where P : struct, IProduct
        where LA : struct, ILayout
        where LB : struct, ILayout
        where E : struct, IDeviceEpilogue
    {
        var (m, n, k) = (arguments.M, arguments.N, arguments.K);
        if (k > 0 && LA.RowLength(m, k) % 4 == 0 && LB.RowLength(n, k) % 4 == 0 && n % 4 == 0)
            P.Launch<LA, LB, ByFour, E>(device, arguments);
        else
            P.Launch<LA, LB, OneByOne, E>(device, arguments);
    }

    /// <summary>Returns the grid of groups for a product: rows first, because of the other ones CUDA has at most 65,535.</summary>
    internal static Index2D Grid2D<T>(int m, int n)
        where T : struct, ITile<T> => new(Tiles<T>(m), Tiles<T>(n));

    /// <summary>The product whose blocks come by way of registers.</summary>
    internal readonly struct Loaded<T> : IProduct
        where T : struct, ITile<T>
    {
        public static void Launch<LA, LB, W, E>(Device device, MatMulArguments<E> arguments)
            where LA : struct, ILayout
            where LB : struct, ILayout
            where W : struct, IWidth
            where E : struct, IDeviceEpilogue =>
            Launcher.Groups(device, Grid2D<T>(arguments.M, arguments.N), T.Threads, MatMulKernel<T, LA, LB, W, E>, arguments);
    }

    internal static void MatMulKernel<T, LA, LB, W, E>(MatMulArguments<E> p)
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        var (row, column) = Place<T>();
        var sharedA = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedB = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sums = T.Begin(p, row, column);
        var a = DenseBlocks<T, LA, W>.Of(new(p.A, row, p.M, default), p.K);
        var b = DenseBlocks<T, LB, W>.Of(new(p.B, column, p.N, default), p.K);
        sums = Sums(sums, a, b, p.K, sharedA, sharedB);
        T.End<W, E>(p, row, column, sums);
    }

    /// <summary>
    /// Returns a group's place in the result. Groups run in about the order of their numbers; bands of eight rows of large tiles, column
    /// after column, let those that run at the same time share more of both operands in the L2 cache than whole columns of tiles would.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (int Row, int Column) Place<T>()
        where T : struct, ITile<T>
    {
        const int BandRows = 8;
        if (T.Side < LargeTile.Side)
            return (Grid.IdxX * T.Side, Grid.IdxY * T.Side);
        int number = Grid.IdxX + (Grid.IdxY * Grid.DimX), band = number / (BandRows * Grid.DimY) * BandRows;
        int rows = Math.Min(BandRows, Grid.DimX - band), within = number - (band * Grid.DimY);
        return ((band + (within % rows)) * T.Side, within / rows * T.Side);
    }

    /// <summary>Returns a thread's sums after all steps of k. Every thread of the group must call it.</summary>
    /// <param name="sums">What the chains start with.</param>
    /// <param name="a">The thread's share of the left operand's blocks.</param>
    /// <param name="b">Its share of the right one's.</param>
    /// <param name="depth">The steps.</param>
    /// <param name="sharedA">Shared memory for two blocks of a: 2 · Depth · (Side / 4 + 1) fours.</param>
    /// <param name="sharedB">The same for b.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Sums<T, A, B>(T sums, A a, B b, int depth, ArrayView<F4> sharedA, ArrayView<F4> sharedB)
        where T : struct, ITile<T>
        where A : struct, IBlocks
        where B : struct, IBlocks
    {
        int stride = (T.Side / 4) + 1, buffer = T.Depth * stride; // in fours; odd, so that threads that write a column use different banks
        int left = depth & (T.Depth - 1), whole = depth - left, now = 0;
        if (depth > 0)
        {
            LoadFirst<T, A>(a, sharedA);
            LoadFirst<T, B>(b, sharedB);
        }
        Group.Barrier();
        for (int k = T.Depth; k <= whole; k += T.Depth)
        {
            int next = buffer - now;
            F4 a0 = a.Load(k, 0), b0 = b.Load(k, 0), a1 = default, b1 = default;
            if (T.Reads == 2)
            {
                a1 = a.Load(k, 1);
                b1 = b.Load(k, 1);
            }
            sums = T.Steps(sums, sharedA, sharedB, now);
            a.Store(a0, sharedA, next, 0);
            b.Store(b0, sharedB, next, 0);
            if (T.Reads == 2)
            {
                a.Store(a1, sharedA, next, 1);
                b.Store(b1, sharedB, next, 1);
            }
            now = next;
            Group.Barrier();
        }
        for (int step = 0; step < left; step += T.StepsAtOnce)
            sums = T.Step(sums, sharedA, sharedB, now + (step * stride), left - step);
        return sums;
    }

    private static void LoadFirst<T, O>(O operand, ArrayView<F4> shared)
        where T : struct, ITile<T>
        where O : struct, IBlocks
    {
        operand.Store(operand.Load(0, 0), shared, 0, 0);
        if (T.Reads == 2)
            operand.Store(operand.Load(0, 1), shared, 0, 1);
    }
}

/// <summary>
/// A product's kernel arguments: y[M,N] from a·b over K steps, by way of an epilogue; and how y is written, where no type says that.
/// </summary>
internal readonly record struct MatMulArguments<E>(
    ArrayView<float> A, ArrayView<float> B, ArrayView<float> Y, E Epilogue, int M, int N, int K, OperandWidth Width = default)
    where E : struct, IDeviceEpilogue;

/// <summary>A kernel of the product, closed over its tile.</summary>
internal interface IProduct
{
    /// <summary>Launches the kernel for a form of operands.</summary>
    static abstract void Launch<LA, LB, W, E>(Device device, MatMulArguments<E> arguments)
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue;
}

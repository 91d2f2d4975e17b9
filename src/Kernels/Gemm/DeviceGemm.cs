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
        var a = new GemmOperand(p.A, row, p.M, default);
        var b = new GemmOperand(p.B, column, p.N, default);
        var sums = Sums<T, LA, LB, W>(T.Begin(p, row, column), a, b, p.K, sharedA, sharedB);
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
    /// <param name="a">[M,K], or [K,M] by its layout.</param>
    /// <param name="b">[K,N], or [N,K] by its layout.</param>
    /// <param name="depth">K.</param>
    /// <param name="sharedA">Shared memory for two blocks of a: 2 · Depth · (Side / 4 + 1) fours.</param>
    /// <param name="sharedB">The same for b.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Sums<T, LA, LB, W>(
        T sums, GemmOperand a, GemmOperand b, int depth, ArrayView<F4> sharedA, ArrayView<F4> sharedB)
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
    {
        int stride = (T.Side / 4) + 1, buffer = T.Depth * stride; // in fours; odd, so that threads that write a column use different banks
        int left = depth & (T.Depth - 1), whole = depth - left, now = 0;

        var fromA = Share.Of<T, LA, W>(a, depth);
        var fromB = Share.Of<T, LB, W>(b, depth);
        if (depth > 0)
        {
            LoadFirst<T, LA, W>(fromA, sharedA);
            LoadFirst<T, LB, W>(fromB, sharedB);
        }
        Group.Barrier();
        for (int k = T.Depth; k <= whole; k += T.Depth)
        {
            int next = buffer - now;
            F4 a0 = Load<T, LA, W>(fromA, k, 0), b0 = Load<T, LB, W>(fromB, k, 0), a1 = default, b1 = default;
            if (T.Reads == 2)
            {
                a1 = Load<T, LA, W>(fromA, k, 1);
                b1 = Load<T, LB, W>(fromB, k, 1);
            }
            sums = T.Steps(sums, sharedA, sharedB, now);
            Store<T, LA, W>(fromA, a0, sharedA, next, 0);
            Store<T, LB, W>(fromB, b0, sharedB, next, 0);
            if (T.Reads == 2)
            {
                Store<T, LA, W>(fromA, a1, sharedA, next, 1);
                Store<T, LB, W>(fromB, b1, sharedB, next, 1);
            }
            now = next;
            Group.Barrier();
        }
        for (int step = 0; step < left; step += T.StepsAtOnce)
            sums = T.Step(sums, sharedA, sharedB, now + (step * stride), left - step);
        return sums;
    }

    /// <summary>
    /// A thread's share of an operand's blocks: what is the same for all of them, computed before the loop because no compiler hoists it.
    /// </summary>
    private readonly record struct Share(
        ArrayView<float> All, ArrayView<F4> FromRow, int Row, ArrayView<F4> FromNextRow, int NextRow,
        int Side, int Sides, int Depth, int Depths, int Place, OperandWidth Width)
    {
        public static Share Of<T, L, W>(GemmOperand operand, int depths)
            where T : struct, ITile<T>
            where L : struct, ILayout
            where W : struct, IWidth
        {
            var (all, side, sides, width) = (operand.All, operand.First, operand.Count, operand.Width);
            int n = W.IsByFour(width) ? 4 * Group.IdxX : Group.IdxX, depth = L.DepthOf<T>(n), own = L.SideOf<T>(n);
            int row = 0, nextRow = 0;
            if (W.IsByFour(width))
            {
                int last = sides - L.SidesAtOnce;
                row = L.SideIndex(Math.Min(side + own, last), depths) >> 2;
                nextRow = L.SideIndex(Math.Min(side + own + (4 * L.SidesOn<T>()), last), depths) >> 2;
            }
            var fromRow = W.From(all.Cast<F4>(), ref row);
            var fromNextRow = W.From(all.Cast<F4>(), ref nextRow);
            return new Share(
                all, fromRow, row, fromNextRow, nextRow, side + own, sides, depth, depths, (depth * (T.Side + 4)) + own, width);
        }
    }

    private static void LoadFirst<T, L, W>(Share share, ArrayView<F4> shared)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        Store<T, L, W>(share, Load<T, L, W>(share, 0, 0), shared, 0, 0);
        if (T.Reads == 2)
            Store<T, L, W>(share, Load<T, L, W>(share, 0, 1), shared, 0, 1);
    }

    /// <summary>
    /// Reads four of a thread's numbers of the block at k. Outside of the matrix, numbers at its edge are read in their place: an
    /// unconditional read starts earlier than one behind a condition.
    /// </summary>
    private static F4 Load<T, L, W>(Share share, int k, int read)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        if (W.IsOnes(share.Width))
            return new F4 { X = 1f, Y = 1f, Z = 1f, W = 1f };
        if (W.IsByFour(share.Width))
        {
            int at = L.FourAt(k, share.Depth + (4 * read * L.DepthsOn<T>()), share.Sides, share.Depths);
            return read == 0 ? share.FromRow[share.Row + at] : share.FromNextRow[share.NextRow + at];
        }
        return new F4
        {
            X = LoadOne<T, L>(share, k, 4 * read),
            Y = LoadOne<T, L>(share, k, (4 * read) + 1),
            Z = LoadOne<T, L>(share, k, (4 * read) + 2),
            W = LoadOne<T, L>(share, k, (4 * read) + 3),
        };
    }

    /// <summary>Reads a thread's i-th number; neighbouring threads read side by side.</summary>
    private static float LoadOne<T, L>(Share share, int k, int i)
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int s = Math.Min(share.Side + (i * L.SidesOn<T>()), share.Sides - 1);
        int d = Math.Min(k + share.Depth + (i * L.DepthsOn<T>()), share.Depths - 1);
        return share.All[L.SideIndex(s, share.Depths) + L.DepthIndex(d, share.Sides)];
    }

    /// <summary>Writes four numbers to shared memory, at constant distances from the first one.</summary>
    private static void Store<T, L, W>(Share share, F4 four, ArrayView<F4> shared, int buffer, int read)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        int stride = T.Side + 4, on = (L.DepthsOn<T>() * stride) + L.SidesOn<T>(), first = 4 * read * on;
        bool byFour = W.IsByFour(share.Width);
        four = T.Staged(four);
        if (byFour && L.SidesAtOnce == 4) // side by side there too
        {
            shared.SubView(buffer + (share.Place >> 2), (first >> 2) + 1)[first >> 2] = four;
            return;
        }
        int next = byFour ? stride : on;
        var one = shared.Cast<float>().SubView((4 * buffer) + share.Place, first + (3 * next) + 1);
        one[first] = four.X;
        one[first + next] = four.Y;
        one[first + (2 * next)] = four.Z;
        one[first + (3 * next)] = four.W;
    }
}

/// <summary>An operand of a product, as a group of threads sees it.</summary>
/// <param name="All">All of it.</param>
/// <param name="First">The group's first place along the side.</param>
/// <param name="Count">The places along the side.</param>
/// <param name="Width">How it is read, where no type says that.</param>
internal readonly record struct GemmOperand(ArrayView<float> All, int First, int Count, OperandWidth Width);

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

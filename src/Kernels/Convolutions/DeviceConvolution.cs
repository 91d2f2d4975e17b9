using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// Convolutions on an accelerator: <see cref="DeviceGemm"/>'s product and tiles, whose left operand's blocks are gathered from the pictures
/// on their way to shared memory. The grids of a transposed one are in one launch, up to four.
/// </summary>
internal static class DeviceConvolution
{
    private const int GridsAtOnce = 4;

    /// <summary>Launches a convolution.</summary>
    public static void Run<E>(ConvolutionCall call, E epilogue)
        where E : struct, IDeviceEpilogue
    {
        int rows = 0;
        for (int i = 0; i < Math.Min(call.Grids, GridsAtOnce); i++)
            rows += call.Grid(i).Rows;
        Launch(TileChoice.BySize(call.Y.Device, rows, call.Columns), call, epilogue);
    }

    /// <summary>Launches a convolution with a kind of tile.</summary>
    /// <param name="tile">The tile; a middle one in place of a large one, for two sets of sums need its registers.</param>
    /// <param name="call">The operands.</param>
    /// <param name="epilogue">What is done with sums.</param>
    internal static void Launch<E>(TileKind tile, ConvolutionCall call, E epilogue)
        where E : struct, IDeviceEpilogue
    {
        if (tile is TileKind.Large or TileKind.Middle)
            WithTile<MiddleTile, E>(call, epilogue);
        else if (tile == TileKind.Small)
            WithTile<SmallTile, E>(call, epilogue);
        else
            WithTile<FineTile<ThirtyTwo>, E>(call, epilogue);
    }

    private static bool IsByFour(ConvolutionCall call) => call.X.Shape[3] % 4 == 0 && call.Columns % 4 == 0;

    private static void WithTile<T, E>(ConvolutionCall call, E epilogue)
        where T : struct, ITile<T>
        where E : struct, IDeviceEpilogue
    {
        if (IsByFour(call))
            WithWidth<T, ByFour, E>(call, epilogue);
        else
            WithWidth<T, OneByOne, E>(call, epilogue);
    }

    private static void WithWidth<T, W, E>(ConvolutionCall call, E epilogue)
        where T : struct, ITile<T>
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        var device = call.Y.Device;
        var (x, w, y) = (call.X.On(device), call.W.On(device), call.Y.On(device));
        if (!call.Transposed)
        {
            var patches = DevicePatches.Of(call.Grid(0));
            var whole = new ConvolutionArguments<E>(x, w, y, epilogue, patches, call.Columns);
            Launcher.Groups(
                device, DeviceGemm.Grid2D<T>(patches.Grid.Rows, call.Columns), T.Threads, ConvolutionKernel<T, W, E>, whole);
            return;
        }
        for (int first = 0; first < call.Grids; first += GridsAtOnce)
        {
            int grids = Math.Min(GridsAtOnce, call.Grids - first), tiles = 0;
            for (int i = first; i < first + grids; i++)
                tiles = Math.Max(tiles, DeviceGemm.Tiles<T>(call.Grid(i).Rows));
            var patches = new FourPatches(Patches(first), Patches(first + 1), Patches(first + 2), Patches(first + 3));
            var some = new TransposedArguments<E>(x, w, y, epilogue, patches, tiles, call.Columns);
            var groups = new Index2D(grids * tiles, DeviceGemm.Tiles<T>(call.Columns));
            Launcher.Groups(device, groups, T.Threads, TransposedConvolutionKernel<T, W, E>, some);
        }

        DevicePatches Patches(int i) => i < call.Grids ? DevicePatches.Of(call.Grid(i)) : default;
    }

    /// <summary>The arguments of a convolution.</summary>
    internal readonly record struct ConvolutionArguments<E>(
        ArrayView<float> X, ArrayView<float> W, ArrayView<float> Y, E Epilogue, DevicePatches Patches, int Columns)
        where E : struct, IDeviceEpilogue;

    /// <summary>The arguments of some grids of a transposed one, each of which has the same number of rows of tiles.</summary>
    internal readonly record struct TransposedArguments<E>(
        ArrayView<float> X, ArrayView<float> W, ArrayView<float> Y, E Epilogue, FourPatches Patches, int Tiles, int Columns)
        where E : struct, IDeviceEpilogue;

    internal static void ConvolutionKernel<T, W, E>(ConvolutionArguments<E> a)
        where T : struct, ITile<T>
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        var (row, column) = DeviceGemm.Place<T>();
        var sharedX = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedW = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        int depth = a.Patches.Grid.Depth;
        var p = new MatMulArguments<E>(a.X, a.W, a.Y, a.Epilogue, a.Patches.Grid.Rows, a.Columns, depth);
        var x = PatchRowBlocks<T, W>.Of(a.X, a.Patches, row);
        var w = DenseBlocks<T, AlongSide, W>.Of(new(a.W, column, a.Columns, default), depth);
        var sums = OverLines(T.Begin(p, row, column), x, w, a.Patches.Grid, depth, sharedX, sharedW);
        T.End<W, E>(p, row, column, sums);
    }

    internal static void TransposedConvolutionKernel<T, W, E>(TransposedArguments<E> a)
        where T : struct, ITile<T>
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        var (row, column) = DeviceGemm.Place<T>();
        var sharedX = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedW = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        int n = row / T.Side / a.Tiles;
        row -= n * a.Tiles * T.Side;
        var patches = a.Patches.Of(n);
        int depth = row < patches.Grid.Rows ? patches.Grid.Depth : 0; // a grid with fewer rows than others
        var p = new MatMulArguments<Placed<E>>(a.X, a.W, a.Y, new(a.Epilogue, patches), patches.Grid.Rows, a.Columns, depth);
        var x = PatchRowBlocks<T, W>.Of(a.X, patches, row);
        var w = KernelColumnBlocks<T, W>.Of(a.W, patches, column, a.Columns);
        var sums = OverLines(T.Begin(p, row, column), x, w, patches.Grid, depth, sharedX, sharedW);
        T.End<W, Placed<E>>(p, row, column, sums);
    }

    /// <summary>Returns a thread's sums: chains from 0 of some lines of the kernel each, added in order. All threads call it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T OverLines<T, A, B>(T zero, A a, B b, PatchGrid grid, int depth, ArrayView<F4> sharedA, ArrayView<F4> sharedB)
        where T : struct, ITile<T>
        where A : struct, IBlocks
        where B : struct, IBlocks
    {
        int chain = grid.ChainDepth;
        var sums = DeviceGemm.Sums(zero, a, b, Math.Min(chain, depth), sharedA, sharedB);
        for (int k = chain; k < depth; k += chain)
        {
            Group.Barrier(); // all have read the last block
            int here = Math.Min(chain, depth - k);
            var more = DeviceGemm.Sums(zero, new BlocksFrom<A>(a, k), new BlocksFrom<B>(b, k), here, sharedA, sharedB);
            sums = T.Plus(sums, more);
        }
        return sums;
    }

    /// <summary>An operand's blocks from a step of k on.</summary>
    private readonly record struct BlocksFrom<B>(B Blocks, int First) : IBlocks
        where B : struct, IBlocks
    {
        public F4 Load(int k, int read) => Blocks.Load(First + k, read);

        public void Store(F4 four, ArrayView<F4> shared, int buffer, int read) => Blocks.Store(four, shared, buffer, read);
    }

    /// <summary>An epilogue of sums that are stored in the pixels of a grid.</summary>
    internal readonly record struct Placed<E>(E Epilogue, DevicePatches Patches) : IDeviceEpilogue
        where E : struct, IDeviceEpilogue
    {
        public static bool Accumulates => E.Accumulates;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int RowOf(int row) => Patches.TargetOf(row);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Of(float sum, int at, int column) => Epilogue.Of(sum, at, column);
    }
}

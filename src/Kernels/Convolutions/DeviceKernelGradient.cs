using GanFromScratch.Tensors;
using ILGPU;
using Device = GanFromScratch.Tensors.Device;

namespace GanFromScratch.Kernels;

/// <summary>
/// The gradient of a convolution with respect to its kernel on an accelerator: patchesᵀ·dy, whose left operand's blocks are gathered from
/// the pictures, block after block of <see cref="Convolution.RowsOfBlock"/> pixels.
/// </summary>
/// <remarks>
/// Where tiles are enough to keep a large GPU busy, a group of threads goes through all blocks, and adds each one's sums to those of the
/// ones before in registers. Else there is a group for each tile and block; its sums go to scratch memory, and a second launch adds them
/// up. More blocks than <see cref="MostScratch"/> numbers are done in several rounds of the two.
/// </remarks>
internal static class DeviceKernelGradient
{
    private const int MostScratch = 1 << 24; // 64 MiB; but one block at least, which is as large as the gradient

    /// <summary>Launches a gradient.</summary>
    /// <param name="grid">The convolution's grid.</param>
    /// <param name="x">[N, H, W, C]</param>
    /// <param name="dy">[N, H', W', O]</param>
    /// <param name="dw">[rows, columns, C, O]</param>
    /// <param name="accumulates">Whether it is added to what dw holds.</param>
    public static void Run(PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
    {
        var device = dw.Device;
        int columns = dw.Shape[3], blocks = (grid.Rows + Convolution.RowsOfBlock - 1) / Convolution.RowsOfBlock;
        bool isWhole = blocks <= 1 || TileChoice.HasManyGroups(TileKind.Middle, grid.Depth, columns);
        int most = Math.Max(1, MostScratch / Math.Max(1, dw.Count));
        var tile = TileChoice.BySize(device, grid.Depth * (isWhole ? 1 : Math.Min(blocks, most)), columns);
        Launch(tile, isWhole ? 0 : most, grid, x, dy, dw, accumulates);
    }

    /// <summary>Launches a gradient with a kind of tile.</summary>
    /// <param name="tile">The tile; a middle one in place of a large one, which leaves no registers for a second set of sums.</param>
    /// <param name="blocksAtOnce">The most blocks whose sums are in scratch memory; 0 if each group goes through all.</param>
    /// <param name="grid">The convolution's grid.</param>
    /// <param name="x">[N, H, W, C]</param>
    /// <param name="dy">[N, H', W', O]</param>
    /// <param name="dw">[rows, columns, C, O]</param>
    /// <param name="accumulates">Whether it is added to what dw holds.</param>
    internal static void Launch(TileKind tile, int blocksAtOnce, PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
    {
        if (tile is TileKind.Large or TileKind.Middle)
            WithTile<MiddleTile>(blocksAtOnce, grid, x, dy, dw, accumulates);
        else if (tile == TileKind.Small)
            WithTile<SmallTile>(blocksAtOnce, grid, x, dy, dw, accumulates);
        else
            WithTile<FineTile<ThirtyTwo>>(blocksAtOnce, grid, x, dy, dw, accumulates);
    }

    private static void WithTile<T>(int blocksAtOnce, PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
        where T : struct, ITile<T>
    {
        if (grid.Channels % 4 == 0 && dw.Shape[3] % 4 == 0)
            WithWidth<T, ByFour>(blocksAtOnce, grid, x, dy, dw, accumulates);
        else
            WithWidth<T, OneByOne>(blocksAtOnce, grid, x, dy, dw, accumulates);
    }

    private static void WithWidth<T, W>(int blocksAtOnce, PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
        where T : struct, ITile<T>
        where W : struct, IWidth
    {
        var device = dw.Device;
        var whole = new KernelGradientArguments(
            x.On(device), dy.On(device), dw.On(device), DevicePatches.Of(grid), dw.Shape[3], 0, grid.Rows, DeviceGemm.Tiles<T>(grid.Depth));
        if (dw.Count == 0)
            return;
        if (blocksAtOnce > 0)
            InRounds<T, W>(device, whole, blocksAtOnce, dw, accumulates);
        else if (accumulates)
            Groups<T, W, DeviceAccumulate>(device, whole, 1);
        else
            Groups<T, W, DeviceStore>(device, whole, 1);
    }

    private static void InRounds<T, W>(Device device, KernelGradientArguments whole, int blocksAtOnce, Tensor dw, bool accumulates)
        where T : struct, ITile<T>
        where W : struct, IWidth
    {
        int pixels = whole.Patches.Grid.Rows, blocks = (pixels + Convolution.RowsOfBlock - 1) / Convolution.RowsOfBlock;
        using var scratch = new Tensor(device, new Shape(Math.Min(blocks, blocksAtOnce), dw.Count));
        for (int first = 0; first < blocks; first += blocksAtOnce)
        {
            int here = Math.Min(blocksAtOnce, blocks - first);
            var round = whole with
            {
                DW = scratch.On(device),
                FirstPixel = first * Convolution.RowsOfBlock,
                PixelsOfPart = Convolution.RowsOfBlock,
            };
            Groups<T, W, DeviceStore>(device, round, here);
            var sums = new BlockSums(scratch.On(device), here, first > 0 || accumulates ? 1 : 0);
            Launcher.ForEach(device, dw.Count, AddBlocksKernel, sums, whole.DW);
        }
    }

    private static void Groups<T, W, E>(Device device, KernelGradientArguments arguments, int parts)
        where T : struct, ITile<T>
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue => Launcher.Groups(
            device, new Index2D(arguments.Tiles * parts, DeviceGemm.Tiles<T>(arguments.Columns)), T.Threads,
            KernelGradientKernel<T, W, E>, arguments);

    /// <summary>The arguments of a gradient.</summary>
    /// <param name="X">The source.</param>
    /// <param name="DY">[pixels, columns]</param>
    /// <param name="DW">[the grid's depth, columns], for each part of the pixels.</param>
    /// <param name="Patches">The grid.</param>
    /// <param name="Columns">Columns of the gradient.</param>
    /// <param name="FirstPixel">The first pixel.</param>
    /// <param name="PixelsOfPart">The pixels of a part: whole blocks.</param>
    /// <param name="Tiles">Rows of tiles of the gradient.</param>
    internal readonly record struct KernelGradientArguments(
        ArrayView<float> X, ArrayView<float> DY, ArrayView<float> DW, DevicePatches Patches, int Columns, int FirstPixel, int PixelsOfPart,
        int Tiles);

    internal static void KernelGradientKernel<T, W, E>(KernelGradientArguments a)
        where T : struct, ITile<T>
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        var sharedX = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedDY = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        int part = Grid.IdxX / a.Tiles, row = (Grid.IdxX - (part * a.Tiles)) * T.Side, column = Grid.IdxY * T.Side;
        int depth = a.Patches.Grid.Depth, elements = depth * a.Columns;
        int first = a.FirstPixel + (part * a.PixelsOfPart), end = Math.Min(first + a.PixelsOfPart, a.Patches.Grid.Rows);
        var dw = From<W>(a.DW, part * elements);
        var p = new MatMulArguments<E>(a.X, a.DY, dw, default, depth, a.Columns, 0);
        var all = T.Begin(p, row, column);
        for (int m = first; m == first || m < end; m += Convolution.RowsOfBlock) // no pixels are one block of none
        {
            int pixels = Math.Min(Convolution.RowsOfBlock, end - m);
            var x = PatchColumnBlocks<T, W>.Of(a.X, a.Patches, row, m, pixels);
            var dy = DenseBlocks<T, AlongSide, W>.Of(new(From<W>(a.DY, m * a.Columns), column, a.Columns, default), pixels);
            var block = DeviceGemm.Sums(default(T), x, dy, pixels, sharedX, sharedDY);
            if (m == first && !E.Accumulates)
                all = block;
            else
                all = T.Plus(all, block);
            Group.Barrier(); // the last steps of this block before the first of the next
        }
        T.End<W, E>(p, row, column, all);
    }

    /// <summary>Returns what follows an offset, of which a compiler sees that it is a multiple of four where it is.</summary>
    private static ArrayView<float> From<W>(ArrayView<float> all, int offset)
        where W : struct, IWidth => W.IsByFour(default) ? all.Cast<F4>().SubView(offset >> 2).Cast<float>() : all.SubView(offset);

    /// <summary>Sums of blocks that are to be added up.</summary>
    /// <param name="Sums">[blocks, elements]</param>
    /// <param name="Blocks">The number of blocks, at least 1.</param>
    /// <param name="Accumulates">Whether they are added to what is there.</param>
    internal readonly record struct BlockSums(ArrayView<float> Sums, int Blocks, int Accumulates);

    private static void AddBlocksKernel(Index1D i, BlockSums a, ArrayView<float> dw)
    {
        int elements = (int)dw.Length, at = i;
        float sum = a.Sums[at];
        if (a.Accumulates != 0)
            sum = dw[i] + sum;
        int block = 1;
        for (; block + 4 <= a.Blocks; block += 4) // four reads are on their way at once
        {
            float s0 = a.Sums[at + elements], s1 = a.Sums[at + (2 * elements)];
            float s2 = a.Sums[at + (3 * elements)], s3 = a.Sums[at + (4 * elements)];
            sum = sum + s0 + s1 + s2 + s3;
            at += 4 * elements;
        }
        for (; block < a.Blocks; block++)
        {
            at += elements;
            sum += a.Sums[at];
        }
        dw[i] = sum;
    }
}

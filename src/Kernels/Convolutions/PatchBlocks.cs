using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// A thread's share of the blocks of patches, as a product's left operand: it has the same places of each block, so its pixels are found
/// before the loop, and a block is one column for it, or four side by side.
/// </summary>
internal readonly record struct PatchRowBlocks<T, W>(
    ArrayView<float> X, DevicePatches Patches, FourPixels Pixels, FourPixels MorePixels, int Depth, int Place) : IBlocks
    where T : struct, ITile<T>
    where W : struct, IWidth
{
    /// <summary>Returns a thread's share.</summary>
    /// <param name="x">The source.</param>
    /// <param name="patches">The grid.</param>
    /// <param name="row">The group's first row of it.</param>
    public static PatchRowBlocks<T, W> Of(ArrayView<float> x, DevicePatches patches, int row)
    {
        int n = W.IsByFour(default) ? 4 * Group.IdxX : Group.IdxX, on = AlongDepth.SidesOn<T>();
        row += AlongDepth.SideOf<T>(n);
        return new(
            x, patches, FourPixels.Of(patches, row, on), FourPixels.Of(patches, row + (4 * on), on),
            AlongDepth.DepthOf<T>(n), SharedBlocks.Place<T, AlongDepth>(n));
    }

    /// <inheritdoc/>
    public F4 Load(int k, int read)
    {
        var tap = Patches.Tap(Math.Min(k + Depth, Patches.Grid.Depth - (W.IsByFour(default) ? 4 : 1)));
        var pixels = read == 0 ? Pixels : MorePixels;
        if (W.IsByFour(default))
            return Patches.Four(X, pixels.X, tap);
        return new F4
        {
            X = Patches.One(X, pixels.X, tap),
            Y = Patches.One(X, pixels.Y, tap),
            Z = Patches.One(X, pixels.Z, tap),
            W = Patches.One(X, pixels.W, tap),
        };
    }

    /// <inheritdoc/>
    public void Store(F4 four, ArrayView<F4> shared, int buffer, int read) =>
        SharedBlocks.Store<T, AlongDepth>(Place, W.IsByFour(default), four, shared, buffer, read);
}

/// <summary>
/// A thread's share of the blocks of a kernel whose taps are those of a grid, and whose columns, [C, O] of a tap, are multiplied.
/// </summary>
internal readonly record struct KernelColumnBlocks<T, W>(
    ArrayView<float> Kernel, DevicePatches Patches, int Column, int Columns, int Depth, int Place) : IBlocks
    where T : struct, ITile<T>
    where W : struct, IWidth
{
    /// <summary>Returns a thread's share.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="patches">The grid.</param>
    /// <param name="column">The group's first column of the result.</param>
    /// <param name="columns">All columns.</param>
    public static KernelColumnBlocks<T, W> Of(ArrayView<float> kernel, DevicePatches patches, int column, int columns)
    {
        int n = W.IsByFour(default) ? 4 * Group.IdxX : Group.IdxX;
        return new(
            kernel, patches, column + AlongDepth.SideOf<T>(n), columns, AlongDepth.DepthOf<T>(n), SharedBlocks.Place<T, AlongDepth>(n));
    }

    /// <inheritdoc/>
    public F4 Load(int k, int read)
    {
        var tap = Patches.Tap(Math.Min(k + Depth, Patches.Grid.Depth - (W.IsByFour(default) ? 4 : 1)));
        int at = (Patches.KernelTap(tap) * Columns * Patches.Grid.Channels) + tap.Channel;
        if (W.IsByFour(default))
            return Kernel.Cast<F4>()[At(at, 4 * read) >> 2];
        return new F4
        {
            X = Kernel[At(at, 4 * read)],
            Y = Kernel[At(at, (4 * read) + 1)],
            Z = Kernel[At(at, (4 * read) + 2)],
            W = Kernel[At(at, (4 * read) + 3)],
        };
    }

    /// <inheritdoc/>
    public void Store(F4 four, ArrayView<F4> shared, int buffer, int read) =>
        SharedBlocks.Store<T, AlongDepth>(Place, W.IsByFour(default), four, shared, buffer, read);

    private int At(int first, int i) => first + (Math.Min(Column + (i * AlongDepth.SidesOn<T>()), Columns - 1) * Patches.Grid.Channels);
}

/// <summary>
/// A thread's share of the blocks of patches transposed, as the left operand of a kernel's gradient: it has one channel of a tap, or four
/// side by side, and a block is some pixels for it.
/// </summary>
internal readonly record struct PatchColumnBlocks<T, W>(
    ArrayView<float> X, DevicePatches Patches, PatchTap Tap, int First, int Last, int Place) : IBlocks
    where T : struct, ITile<T>
    where W : struct, IWidth
{
    /// <summary>Returns a thread's share.</summary>
    /// <param name="x">The source.</param>
    /// <param name="patches">The grid.</param>
    /// <param name="column">The group's first column of it.</param>
    /// <param name="first">The first of the pixels.</param>
    /// <param name="count">The number of pixels.</param>
    public static PatchColumnBlocks<T, W> Of(ArrayView<float> x, DevicePatches patches, int column, int first, int count)
    {
        int n = W.IsByFour(default) ? 4 * Group.IdxX : Group.IdxX;
        int k = Math.Min(column + AlongSide.SideOf<T>(n), patches.Grid.Depth - (W.IsByFour(default) ? 4 : 1));
        return new(x, patches, patches.Tap(k), first + AlongSide.DepthOf<T>(n), first + count - 1, SharedBlocks.Place<T, AlongSide>(n));
    }

    /// <inheritdoc/>
    public F4 Load(int k, int read)
    {
        if (W.IsByFour(default))
            return Patches.Four(X, Pixel(k, 4 * read), Tap);
        return new F4
        {
            X = Patches.One(X, Pixel(k, 4 * read), Tap),
            Y = Patches.One(X, Pixel(k, (4 * read) + 1), Tap),
            Z = Patches.One(X, Pixel(k, (4 * read) + 2), Tap),
            W = Patches.One(X, Pixel(k, (4 * read) + 3), Tap),
        };
    }

    /// <inheritdoc/>
    public void Store(F4 four, ArrayView<F4> shared, int buffer, int read) =>
        SharedBlocks.Store<T, AlongSide>(Place, W.IsByFour(default), four, shared, buffer, read);

    private PatchPixel Pixel(int k, int i) => Patches.Pixel(Math.Min(First + k + (i * AlongSide.DepthsOn<T>()), Last));
}

/// <summary>Four pixels of a thread.</summary>
internal readonly record struct FourPixels(PatchPixel X, PatchPixel Y, PatchPixel Z, PatchPixel W)
{
    /// <summary>Returns rows of a grid at equal distances; past the last one, that.</summary>
    public static FourPixels Of(DevicePatches patches, int row, int on)
    {
        int last = patches.Grid.Rows - 1;
        return new(
            patches.Pixel(Math.Min(row, last)), patches.Pixel(Math.Min(row + on, last)),
            patches.Pixel(Math.Min(row + (2 * on), last)), patches.Pixel(Math.Min(row + (3 * on), last)));
    }
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>A <see cref="PatchGrid"/> as a kernel sees it, with its divisions prepared.</summary>
internal readonly record struct DevicePatches(
    PatchGrid Grid, Divisor ByChannels, Divisor ByTapsAcross, Divisor ByHeight, Divisor ByWidth)
{
    /// <summary>Prepares a grid.</summary>
    public static DevicePatches Of(PatchGrid grid) =>
        new(grid, new Divisor(grid.Channels), new Divisor(grid.TapsAcross), new Divisor(grid.Height), new Divisor(grid.Width));

    /// <summary>Returns another grid of the same call; what is the same for all is taken from this one, whose place is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DevicePatches InPhase(DevicePatches other) =>
        new(Grid.InPhase(other.Grid), ByChannels, other.ByTapsAcross, other.ByHeight, other.ByWidth);

    /// <summary>Returns a column of the matrix: a channel of a tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PatchTap Tap(int k)
    {
        int tap = ByChannels.Of(k), v = ByTapsAcross.Of(tap), u = tap - (v * Grid.TapsAcross), channel = k - (tap * Grid.Channels);
        return new(v, u, channel, (((v * Grid.SourceWidth) + u) * Grid.Channels) + channel);
    }

    /// <summary>Returns a row of the matrix: a pixel of the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PatchPixel Pixel(int row)
    {
        int line = ByWidth.Of(row), n = ByHeight.Of(line);
        int top = (Grid.Stride * (line - (n * Grid.Height))) + Grid.FirstRow;
        int left = (Grid.Stride * (row - (line * Grid.Width))) + Grid.FirstColumn;
        return new(top, left, ((((n * Grid.SourceHeight) + top) * Grid.SourceWidth) + left) * Grid.Channels);
    }

    /// <summary>Returns the result's row that a row of the matrix is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TargetOf(int row)
    {
        int line = ByWidth.Of(row), n = ByHeight.Of(line);
        int y = (Grid.TargetStep * (line - (n * Grid.Height))) + Grid.TargetRow;
        int x = (Grid.TargetStep * (row - (line * Grid.Width))) + Grid.TargetColumn;
        return (((n * Grid.TargetHeight) + y) * Grid.TargetWidth) + x;
    }

    /// <summary>Returns the kernel's tap that a tap of the grid is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int KernelTap(PatchTap tap) => Grid.KernelTap(tap.V, tap.U);

    /// <summary>
    /// Reads a number of the source, or 0 outside of it. The read has no condition, so that it starts early: outside, it is of the first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float One(ArrayView<float> source, PatchPixel pixel, PatchTap tap)
    {
        bool isWithin = IsWithin(pixel, tap);
        float one = source[isWithin ? pixel.Offset + tap.Offset : 0];
        return isWithin ? one : 0f;
    }

    /// <summary>Reads four channels, of which the first is a multiple of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F4 Four(ArrayView<float> source, PatchPixel pixel, PatchTap tap)
    {
        bool isWithin = IsWithin(pixel, tap);
        var four = source.Cast<F4>()[isWithin ? (pixel.Offset + tap.Offset) >> 2 : 0];
        return new F4
        {
            X = isWithin ? four.X : 0f,
            Y = isWithin ? four.Y : 0f,
            Z = isWithin ? four.Z : 0f,
            W = isWithin ? four.W : 0f,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsWithin(PatchPixel pixel, PatchTap tap) =>
        (uint)(pixel.Top + tap.V) < (uint)Grid.SourceHeight & (uint)(pixel.Left + tap.U) < (uint)Grid.SourceWidth;
}

/// <summary>A channel of a tap.</summary>
/// <param name="V">The tap's row.</param>
/// <param name="U">Its column.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Offset">What lies in the source between a patch's first number and this one.</param>
internal readonly record struct PatchTap(int V, int U, int Channel, int Offset);

/// <summary>A pixel's patch.</summary>
/// <param name="Top">The source's row that the patch begins in, which may be outside.</param>
/// <param name="Left">The column.</param>
/// <param name="Offset">The offset of its first number.</param>
internal readonly record struct PatchPixel(int Top, int Left, int Offset);

/// <summary>Four grids of a transposed convolution, in one launch: all there are with a stride of 2.</summary>
internal readonly record struct FourPatches(DevicePatches P0, DevicePatches P1, DevicePatches P2, DevicePatches P3)
{
    /// <summary>Returns the n-th grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DevicePatches Of(int n) => P0.InPhase(n < 2 ? n == 0 ? P0 : P1 : n == 2 ? P2 : P3);
}

using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The left operand of a convolution as a matrix that is never in memory: [Rows, Depth], a row for each pixel of the result, which holds
/// the patch of the source that the pixel is made of, tap after tap (from left to right, then down), channel after channel. Patches reach
/// over the source's edge, where they are 0.
/// </summary>
/// <remarks>
/// A convolution has one grid. The gradient with respect to its input, or a transposed convolution, has stride² of them, a grid for each
/// remainder of the result's rows and columns: each is a convolution of stride 1 by the taps that reach its pixels.
/// <code>
/// source [Pictures, SourceHeight, SourceWidth, Channels]    result [Pictures, TargetHeight, TargetWidth, ...]
///   tap (v, u) of pixel (i, j) of the grid:                   pixel (i, j) of the grid:
///   row Stride·i + FirstRow + v                               row TargetStep·i + TargetRow
///   column Stride·j + FirstColumn + u                         column TargetStep·j + TargetColumn
///                                                           kernel [KernelHeight, KernelWidth, ...], of tap (v, u):
///                                                             row KernelRow + TapStep·v, column KernelColumn + TapStep·u
/// </code>
/// </remarks>
internal readonly record struct PatchGrid
{
    private const int FewestOfChain = 64; // lines of few channels would be chains that hardly begin

    public int Pictures { get; private init; }

    public int SourceHeight { get; private init; }

    public int SourceWidth { get; private init; }

    /// <summary>Channels of the source.</summary>
    public int Channels { get; private init; }

    /// <summary>Rows of the grid, in each picture.</summary>
    public int Height { get; private init; }

    /// <summary>Columns of the grid.</summary>
    public int Width { get; private init; }

    public int Stride { get; private init; }

    public int FirstRow { get; private init; }

    public int FirstColumn { get; private init; }

    /// <summary>Taps down.</summary>
    public int TapsDown { get; private init; }

    /// <summary>Taps across.</summary>
    public int TapsAcross { get; private init; }

    public int TargetHeight { get; private init; }

    public int TargetWidth { get; private init; }

    public int TargetStep { get; private init; }

    public int TargetRow { get; private init; }

    public int TargetColumn { get; private init; }

    public int KernelWidth { get; private init; }

    public int KernelRow { get; private init; }

    public int KernelColumn { get; private init; }

    public int TapStep { get; private init; }

    /// <summary>Rows of the matrix.</summary>
    public int Rows => Pictures * Height * Width;

    /// <summary>Columns of the matrix.</summary>
    public int Depth => TapsDown * TapsAcross * Channels;

    /// <summary>Columns of the source, with zeros beyond its edges, that the patches of a row of pixels cover.</summary>
    public int PatchedWidth => (Stride * (Width - 1)) + TapsAcross;

    /// <summary>
    /// Numbers of a chain: those of a tap of a narrow result (<see cref="ConvolutionCall.IsNarrow"/>); of others those of a line of taps,
    /// or of as many lines as have at most <see cref="FewestOfChain"/>.
    /// </summary>
    public int ChainDepth { get; private init; }

    /// <summary>Lines of a chain, of a result that isn't narrow; at least one.</summary>
    public int LinesOfChain => Math.Max(1, ChainDepth / Math.Max(1, TapsAcross * Channels));

    /// <summary>Returns the place of a tap in the kernel, of all its taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int KernelTap(int v, int u) => ((KernelRow + (TapStep * v)) * KernelWidth) + KernelColumn + (TapStep * u);

    /// <summary>Returns the place of a row's first pixel in the result, of all pictures' pixels.</summary>
    public nint PlaceOf(int picture, int row) =>
        ((((nint)picture * TargetHeight) + (TargetStep * row) + TargetRow) * TargetWidth) + TargetColumn;

    /// <summary>Returns the grid of a convolution.</summary>
    /// <param name="source">[N, H, W, C]</param>
    /// <param name="window">The window.</param>
    /// <param name="result">[N, H', W', O]</param>
    public static PatchGrid Of(Shape source, Window window, Shape result) => new()
    {
        Pictures = source[0],
        SourceHeight = source[1],
        SourceWidth = source[2],
        Channels = source[3],
        Height = result[1],
        Width = result[2],
        Stride = window.Stride,
        FirstRow = -window.Top,
        FirstColumn = -window.Left,
        TapsDown = window.Height,
        TapsAcross = window.Width,
        TargetHeight = result[1],
        TargetWidth = result[2],
        TargetStep = 1,
        KernelWidth = window.Width,
        TapStep = 1,
        ChainDepth = ChainOf(ConvolutionCall.IsNarrow(window, false, result), window.Width, source[3]),
    };

    /// <summary>Returns one of the grids of a transposed convolution, or of a convolution's gradient with respect to its input.</summary>
    /// <param name="source">[N, H', W', O], what a convolution makes.</param>
    /// <param name="window">The window of that convolution.</param>
    /// <param name="result">[N, H, W, C], what it is made of.</param>
    /// <param name="row">The remainder of the grid's rows by the stride.</param>
    /// <param name="column">The remainder of its columns.</param>
    public static PatchGrid OfTransposed(Shape source, Window window, Shape result, int row, int column)
    {
        var (tapsDown, kernelRow, firstRow) = Phase(row + window.Top, window.Stride, window.Height);
        var (tapsAcross, kernelColumn, firstColumn) = Phase(column + window.Left, window.Stride, window.Width);
        return new()
        {
            Pictures = source[0],
            SourceHeight = source[1],
            SourceWidth = source[2],
            Channels = source[3],
            Height = (result[1] - row + window.Stride - 1) / window.Stride,
            Width = (result[2] - column + window.Stride - 1) / window.Stride,
            Stride = 1,
            FirstRow = firstRow,
            FirstColumn = firstColumn,
            TapsDown = tapsDown,
            TapsAcross = tapsAcross,
            TargetHeight = result[1],
            TargetWidth = result[2],
            TargetStep = window.Stride,
            TargetRow = row,
            TargetColumn = column,
            KernelWidth = window.Width,
            KernelRow = kernelRow,
            KernelColumn = kernelColumn,
            TapStep = -window.Stride,
            ChainDepth = ChainOf(ConvolutionCall.IsNarrow(window, true, result), tapsAcross, source[3]),
        };
    }

    /// <summary>Returns this grid with what differs between the grids of a transposed convolution taken from another one of them.</summary>
    public PatchGrid InPhase(PatchGrid other) => this with
    {
        Height = other.Height,
        Width = other.Width,
        FirstRow = other.FirstRow,
        FirstColumn = other.FirstColumn,
        TapsDown = other.TapsDown,
        TapsAcross = other.TapsAcross,
        ChainDepth = other.ChainDepth,
        TargetRow = other.TargetRow,
        TargetColumn = other.TargetColumn,
        KernelRow = other.KernelRow,
        KernelColumn = other.KernelColumn,
    };

    /// <summary>Returns this grid with patches and pixels that hold those of another grid of a transposed convolution, too.</summary>
    public PatchGrid Around(in PatchGrid other)
    {
        int row = Math.Min(FirstRow, other.FirstRow), column = Math.Min(FirstColumn, other.FirstColumn);
        return this with
        {
            Height = Math.Max(Height, other.Height),
            Width = Math.Max(Width, other.Width),
            FirstRow = row,
            FirstColumn = column,
            TapsDown = Math.Max(FirstRow + TapsDown, other.FirstRow + other.TapsDown) - row,
            TapsAcross = Math.Max(FirstColumn + TapsAcross, other.FirstColumn + other.TapsAcross) - column,
        };
    }

    private static int ChainOf(bool isNarrow, int tapsAcross, int channels)
    {
        int line = tapsAcross * channels;
        return isNarrow ? channels : line * Math.Max(1, FewestOfChain / Math.Max(1, line));
    }

    // The taps of a kernel that reach pixels at·s, at·s + s, ... of the padded picture, from the last one to the first: how many, the last
    // one's place in the kernel, and the source's row or column that it has for the first pixel.
    private static (int Taps, int Last, int First) Phase(int at, int stride, int extent)
    {
        int remainder = at % stride, taps = Math.Max(0, (extent - remainder + stride - 1) / stride);
        return (taps, remainder + (stride * (taps - 1)), ((at - remainder) / stride) - (taps - 1));
    }
}

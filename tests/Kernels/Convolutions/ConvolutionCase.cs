using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>A convolution to be checked.</summary>
/// <param name="Pictures">[N, H, W, C]</param>
/// <param name="Window">The window.</param>
/// <param name="Outputs">Channels of the result.</param>
public sealed record ConvolutionCase(Shape Pictures, Window Window, int Outputs)
{
    /// <summary>
    /// Single pixels and channels, kernels larger than the picture, strides that don't divide, zeros on one side, every vector's edge.
    /// </summary>
    public static readonly ConvolutionCase[] Odd =
    [
        Of(1, 1, 1, 1, new(1, 1), 1),
        Of(2, 3, 5, 1, new(1, 1), 17),
        Of(1, 5, 4, 3, new(1, 1, 2), 2),
        Of(3, 4, 4, 1, Window.Same(3, 1, 4, 4), 1),
        Of(2, 7, 5, 3, Window.Same(3, 2, 7, 5), 5),
        Of(2, 8, 6, 2, Window.Same(3, 2, 8, 6), 15),
        Of(1, 2, 3, 4, new(5, 5, 1, 2, 2, 2, 2), 3),
        Of(2, 3, 2, 5, new(7, 3, 2, 3, 3, 1, 1), 33),
        Of(1, 9, 11, 8, new(3, 3, 3, 1, 0, 0, 2), 47),
        Of(2, 6, 6, 16, Window.Padded(4, 2, 1), 49),
        Of(1, 5, 7, 24, new(2, 3, 4), 64),
        Of(2, 10, 9, 7, new(3, 2, 5, 0, 0, 1, 0), 9),
        Of(1, 4, 4, 9, new(4, 4), 97),
        Of(3, 5, 5, 130, Window.Same(3, 1, 5, 5), 50),
        Of(2, 3, 3, 300, Window.Padded(3, 2, 1), 8),
        Of(0, 4, 4, 2, new(3, 3), 2),
        Of(2, 9, 7, 3, Window.Padded(4, 2, 1), 7), // lines of twelve and eight numbers, and one within a strip, reach over the edge
        Of(2, 9, 7, 2, Window.Padded(4, 2, 1), 9),
        Of(3, 5, 2, 1, Window.Padded(4, 2, 1), 6),
    ];

    /// <summary>More pixels than a block, more columns and depth than a panel's block.</summary>
    public static readonly ConvolutionCase[] Large =
    [
        Of(5, 28, 28, 1, Window.Same(3, 2, 28, 28), 32),
        Of(2, 28, 28, 12, Window.Same(3, 1, 28, 28), 1),
        Of(6, 12, 13, 84, Window.Same(3, 1, 12, 13), 3), // enough for several threads
        Of(8, 17, 15, 20, Window.Padded(4, 2, 1), 4),
        Of(3, 14, 14, 40, Window.Padded(4, 2, 1), 70),
        Of(1, 6, 5, 64, Window.Same(3, 1, 6, 5), 400),
        Of(1, 47, 33, 64, Window.Padded(4, 2, 1), 24), // bands of a picture, the last one smaller
        Of(1, 61, 47, 5, Window.Padded(4, 2, 1), 160), // the same of the grids back, whose last bands differ
        Of(1, 9, 47, 5, new(2, 2, 2), 1000), // and one that only some of them have
        Of(1, 50, 15, 96, Window.Same(3, 1, 50, 15), 8),
        Of(2, 9, 7, 128, Window.Same(3, 1, 9, 7), 128), // panels of four vectors, both ways
        Of(1, 6, 5, 20, Window.Padded(4, 2, 1), 192),
        Of(3, 14, 13, 7, Window.Same(3, 1, 14, 13), 64), // a gradient's, of rows that fill no tile
    ];

    /// <summary>[N, H', W', O]</summary>
    public Shape Result => Window.OutputShape(Pictures, Outputs);

    /// <summary>[rows, columns, C, O]</summary>
    public Shape Kernel => new(Window.Height, Window.Width, Pictures[3], Outputs);

    /// <inheritdoc/>
    public override string ToString() => $"{Pictures} by {Window} to {Outputs}";

    private static ConvolutionCase Of(int n, int h, int w, int c, Window window, int outputs) =>
        new(new Shape(n, h, w, c), window, outputs);
}

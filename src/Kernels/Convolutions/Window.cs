using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The window that a convolution moves over a picture: its size, its steps, and the zeros around the picture.</summary>
/// <param name="Height">Rows of the kernel.</param>
/// <param name="Width">Columns of the kernel.</param>
/// <param name="Stride">Pixels from one place of the window to the next, down and across.</param>
/// <param name="Top">Rows of zeros above the picture.</param>
/// <param name="Bottom">Rows of zeros below it.</param>
/// <param name="Left">Columns of zeros on its left.</param>
/// <param name="Right">Columns of zeros on its right.</param>
public readonly record struct Window(int Height, int Width, int Stride = 1, int Top = 0, int Bottom = 0, int Left = 0, int Right = 0)
{
    /// <summary>Returns a square window with the same number of zeros on every side.</summary>
    public static Window Padded(int size, int stride, int padding) => new(size, size, stride, padding, padding, padding, padding);

    /// <summary>
    /// Returns the square window that Keras calls `same`: ⌈size / stride⌉ rows come out. Of the zeros, half are before the picture, rounded
    /// down, so with stride 2 and even sizes a 3x3 kernel has them at the bottom and on the right alone.
    /// </summary>
    /// <param name="size">Rows and columns of the kernel.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    public static Window Same(int size, int stride, int height, int width)
    {
        int rows = Zeros(height), columns = Zeros(width);
        return new(size, size, stride, rows / 2, rows - (rows / 2), columns / 2, columns - (columns / 2));

        int Zeros(int extent) => Math.Max(0, ((((extent + stride - 1) / stride) - 1) * stride) + size - extent);
    }

    /// <summary>Returns the shape [N, H', W', channels] of a convolution's result.</summary>
    /// <param name="pictures">[N, H, W, C]</param>
    /// <param name="channels">Channels of the result.</param>
    /// <exception cref="ArgumentException">They are no pictures, the window has no size or fits nowhere.</exception>
    public Shape OutputShape(Shape pictures, int channels)
    {
        Check(pictures);
        int rows = pictures[1] + Top + Bottom - Height, columns = pictures[2] + Left + Right - Width;
        if (rows < 0 || columns < 0)
            throw new ArgumentException($"Convolution: {this} fits nowhere in pictures {pictures}; give them more zeros around");
        return new Shape(pictures[0], (rows / Stride) + 1, (columns / Stride) + 1, channels);
    }

    /// <summary>
    /// Returns the shape [N, H', W', channels] of a transposed convolution's result: the smallest pictures of which a convolution makes
    /// some of the given shape.
    /// </summary>
    /// <param name="pictures">[N, H, W, C]</param>
    /// <param name="channels">Channels of the result.</param>
    /// <exception cref="ArgumentException">They are no pictures, the window has no size, or nothing is left within the zeros.</exception>
    public Shape TransposedShape(Shape pictures, int channels)
    {
        Check(pictures);
        int rows = ((pictures[1] - 1) * Stride) + Height - Top - Bottom, columns = ((pictures[2] - 1) * Stride) + Width - Left - Right;
        if (rows < 1 || columns < 1)
        {
            throw new ArgumentException(
                $"Convolution: transposed, {this} leaves nothing of pictures {pictures}; give them fewer zeros around");
        }
        return new Shape(pictures[0], rows, columns, channels);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string zeros = (Top, Bottom, Left, Right) switch
        {
            (0, 0, 0, 0) => "",
            _ when Top == Bottom && Top == Left && Top == Right => $" padded by {Top}",
            _ => $" padded by {Top} above, {Bottom} below, {Left} left, {Right} right",
        };
        return $"{Height}x{Width} /{Stride}{zeros}";
    }

    private void Check(Shape pictures)
    {
        if (pictures.Rank != 4 || pictures[1] < 1 || pictures[2] < 1)
            throw new ArgumentException($"Convolution: {pictures} are no pictures [N, rows, columns, channels]");
        if (Height < 1 || Width < 1 || Stride < 1 || Top < 0 || Bottom < 0 || Left < 0 || Right < 0)
            throw new ArgumentException($"Convolution: a window {this} has no meaning");
    }
}

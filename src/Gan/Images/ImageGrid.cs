namespace GanFromScratch.Gan.Images;

// pictures[n, shape.Length]: n pictures, each [H,W,C]

/// <summary>Composes pictures into a grid, row by row, on a dark grey background.</summary>
public static class ImageGrid
{
    // the edges of black and of white pictures are visible on it
    internal const byte Background = 64;

    /// <summary>
    /// Composes pictures of floats from <paramref name="low"/> (black) to <paramref name="high"/> (white). Other values are clamped, and
    /// NaN is black. The last cells stay empty if there are fewer pictures than cells.
    /// </summary>
    /// <param name="pictures">[n, shape.Length], n at most rows·columns.</param>
    /// <param name="shape">The shape of each picture.</param>
    /// <param name="low">The value of black.</param>
    /// <param name="high">The value of white.</param>
    /// <param name="rows">Rows of pictures.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="gap">Pixels between pictures and around them.</param>
    /// <param name="zoom">Pixels for each value, in both directions.</param>
    /// <exception cref="ArgumentException">Sizes that don't match, or an empty range.</exception>
    public static Image Compose(
        ReadOnlySpan<float> pictures, PictureShape shape, float low, float high, int rows, int columns, int gap = 2, int zoom = 2)
    {
        if (!(high > low))
            throw new ArgumentException($"ImageGrid: values from {low} to {high} are no range; low must be below high");
        var bytes = new byte[pictures.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = ToByte((pictures[i] - low) / (high - low));
        return Compose(bytes, shape, rows, columns, gap, zoom);
    }

    /// <summary>Composes pictures of bytes: 0 is black, 255 white.</summary>
    public static Image Compose(ReadOnlySpan<byte> pictures, PictureShape shape, int rows, int columns, int gap = 2, int zoom = 2)
    {
        if (shape.Width < 1 || shape.Height < 1 || shape.Channels is not (1 or 3))
            throw new ArgumentException($"ImageGrid: {shape} is no picture; a positive size and 1 or 3 channels are needed");
        if (rows < 1 || columns < 1 || gap < 0 || zoom < 1)
            throw new ArgumentException($"ImageGrid: {rows} rows of {columns}, gap {gap}, zoom {zoom}: at least 1, 1, 0 and 1 are needed");
        int count = pictures.Length / shape.Length;
        if (count * shape.Length != pictures.Length || count > (long)rows * columns)
        {
            throw new ArgumentException(
                $"ImageGrid: {pictures.Length} values are no whole pictures of {shape.Length}, or more than {rows}x{columns} of them");
        }

        var size = SizeOf(shape, rows, columns, gap, zoom);
        int width = checked((int)size.Width), height = checked((int)size.Height);
        var pixels = new byte[checked(width * height * shape.Channels)];
        Array.Fill(pixels, Background);
        for (int n = 0; n < count; n++)
        {
            int left = gap + n % columns * (shape.Width * zoom + gap);
            int top = gap + n / columns * (shape.Height * zoom + gap);
            var picture = pictures.Slice(n * shape.Length, shape.Length);
            for (int y = 0; y < shape.Height * zoom; y++)
                DrawRow(picture, shape, y / zoom, zoom, pixels.AsSpan(((top + y) * width + left) * shape.Channels));
        }
        return new Image(width, height, shape.Channels, pixels);
    }

    /// <summary>Returns the size of a grid, in pixels; labelled, the most that it may have.</summary>
    internal static (long Width, long Height) SizeOf(
        PictureShape shape, long rows, long columns, int gap = 2, int zoom = 2, bool labelled = false)
    {
        int width = (shape.Width * zoom) + gap, height = (shape.Height * zoom) + gap;
        return (gap + (columns * width), gap + (rows * (height + (labelled ? NumberStrip.HeightAbove(width) : 0))));
    }

    private static void DrawRow(ReadOnlySpan<byte> picture, PictureShape shape, int y, int zoom, Span<byte> row)
    {
        int to = 0;
        for (int x = 0; x < shape.Width; x++)
        {
            for (int repeat = 0; repeat < zoom; repeat++)
            {
                for (int c = 0; c < shape.Channels; c++)
                    row[to++] = picture[(y * shape.Width + x) * shape.Channels + c];
            }
        }
    }

    /// <summary>Returns a grid with the numbers of its pictures' classes above them.</summary>
    /// <param name="grid">What <see cref="Compose(ReadOnlySpan{byte}, PictureShape, int, int, int, int)"/> made.</param>
    /// <param name="shape">The shape of each picture.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="labels">The label of each picture.</param>
    /// <param name="gap">Pixels between pictures and around them.</param>
    /// <param name="zoom">Pixels for each value.</param>
    internal static Image Labelled(
        Image grid, PictureShape shape, int columns, IReadOnlyList<int> labels, int gap = 2, int zoom = 2) =>
        NumberStrip.Above(grid, ((shape.Width * zoom) + gap, (shape.Height * zoom) + gap), columns, labels);

    /// <summary>Takes the red channel of a colour picture, as a grey one.</summary>
    internal static Image RedChannel(Image colour)
    {
        var red = new byte[colour.Width * colour.Height];
        for (int i = 0; i < red.Length; i++)
            red[i] = colour.Pixels[3 * i];
        return new Image(colour.Width, colour.Height, 1, red);
    }

    /// <summary>Makes a byte of a value from 0 (black) to 1 (white). Other values are clamped, and NaN is 0.</summary>
    internal static byte ToByte(float value) =>
        !(value > 0) ? (byte)0 : value >= 1 ? (byte)255 : (byte)(value * 255f + 0.5f); // the first comparison is false for NaN too
}

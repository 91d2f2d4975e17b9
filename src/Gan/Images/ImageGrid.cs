namespace GanFromScratch.Gan.Images;

// pictures[n, shape.Length]: n pictures, each [H,W,C]

/// <summary>Lays pictures out in a grid, row by row, on a dark grey ground.</summary>
public static class ImageGrid
{
    // black digits and white digits both end visibly against it
    private const byte Ground = 64;

    /// <summary>
    /// A grid of pictures whose values run from <paramref name="low"/> (black) to <paramref name="high"/> (white); what is outside is
    /// clamped, and NaN is black. Fewer pictures than cells leave the last cells empty.
    /// </summary>
    /// <param name="pictures">[n, shape.Length], n at most rows·columns.</param>
    /// <param name="shape">How each picture lies in memory.</param>
    /// <param name="low">The value of black: -1 or 0.</param>
    /// <param name="high">The value of white: 1.</param>
    /// <param name="rows">Rows of pictures.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="gap">Pixels of the grid between pictures and around them.</param>
    /// <param name="zoom">Each value becomes zoom·zoom pixels.</param>
    /// <exception cref="ArgumentException">Sizes that don't go together, or an empty range.</exception>
    public static Image Compose(
        ReadOnlySpan<float> pictures, PictureShape shape, float low, float high, int rows, int columns, int gap = 2, int zoom = 2)
    {
        if (!(high > low))
            throw new ArgumentException($"ImageGrid: values from {low} to {high} are no range; low comes first");
        var bytes = new byte[pictures.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = ToByte((pictures[i] - low) / (high - low));
        return Compose(bytes, shape, rows, columns, gap, zoom);
    }

    /// <summary>A grid of pictures that are bytes already: 0 is black, 255 white. Otherwise as the other overload.</summary>
    public static Image Compose(ReadOnlySpan<byte> pictures, PictureShape shape, int rows, int columns, int gap = 2, int zoom = 2)
    {
        if (shape.Width < 1 || shape.Height < 1 || shape.Channels is not (1 or 3))
            throw new ArgumentException($"ImageGrid: {shape} is no picture; it takes a positive size and 1 or 3 channels");
        if (rows < 1 || columns < 1 || gap < 0 || zoom < 1)
            throw new ArgumentException($"ImageGrid: {rows} rows of {columns}, gap {gap}, zoom {zoom}: at least 1, 1, 0 and 1 are needed");
        int count = pictures.Length / shape.Length;
        if (count * shape.Length != pictures.Length || count > (long)rows * columns)
        {
            throw new ArgumentException(
                $"ImageGrid: {pictures.Length} values of {shape.Length} a picture don't fill {rows}x{columns} cells; at most one picture a cell");
        }

        int width = checked(gap + columns * (shape.Width * zoom + gap));
        int height = checked(gap + rows * (shape.Height * zoom + gap));
        var pixels = new byte[checked(width * height * shape.Channels)];
        Array.Fill(pixels, Ground);
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

    /// <summary>The red channel of a colour picture, in grey.</summary>
    internal static Image RedOf(Image colour)
    {
        var red = new byte[colour.Width * colour.Height];
        for (int i = 0; i < red.Length; i++)
            red[i] = colour.Pixels[3 * i];
        return new Image(colour.Width, colour.Height, 1, red);
    }

    /// <summary>A byte of a share of white, from 0 to 1; what is outside is clamped, and NaN is 0.</summary>
    internal static byte ToByte(float share) =>
        !(share > 0) ? (byte)0 : share >= 1 ? (byte)255 : (byte)(share * 255f + 0.5f); // the first comparison is false for NaN too
}

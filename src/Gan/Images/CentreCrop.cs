namespace GanFromScratch.Gan.Images;

// image[H,W,C] -> square[size,size,channels]

/// <summary>Crops a picture to its central square and resizes that.</summary>
public static class CentreCrop
{
    // grey of colour, ITU-R BT.601
    private const double Red = 0.299, Green = 0.587, Blue = 0.114;

    /// <summary>
    /// Crops and resizes: to a smaller size by the mean of the covered area, to a larger one by bilinear interpolation. Grey of colour is
    /// 0.299 R + 0.587 G + 0.114 B; colour of grey has three equal channels.
    /// </summary>
    /// <param name="image">A picture of any size.</param>
    /// <param name="shape">The shape of the result, a square.</param>
    /// <returns>[size, size, channels].</returns>
    /// <exception cref="ArgumentException">The shape is no square.</exception>
    public static byte[] Resize(Image image, PictureShape shape)
    {
        var square = new byte[shape.Length];
        Resize(image, shape, square);
        return square;
    }

    /// <summary>Crops and resizes into an array.</summary>
    /// <param name="image">A picture of any size.</param>
    /// <param name="shape">The shape of the result, a square.</param>
    /// <param name="square">[size, size, channels], which is filled.</param>
    /// <inheritdoc cref="Resize(Image, PictureShape)"/>
    public static void Resize(Image image, PictureShape shape, Span<byte> square)
    {
        if (shape.Height != shape.Width)
            throw new ArgumentException($"CentreCrop: {shape} is no square");
        var (size, channels) = (shape.Width, shape.Channels);
        int side = Math.Min(image.Width, image.Height);
        var columns = Taps(image.Width, side, size);
        var rows = Taps(image.Height, side, size);
        Span<double> sums = stackalloc double[3];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                Sum(image, rows[y], columns[x], sums);
                var to = square.Slice((y * size + x) * channels, channels);
                if (channels == 1 && image.Channels == 3)
                    to[0] = ToByte(Red * sums[0] + Green * sums[1] + Blue * sums[2]);
                for (int c = 0; c < channels && channels >= image.Channels; c++)
                    to[c] = ToByte(sums[image.Channels == 1 ? 0 : c]);
            }
        }
    }

    /// <summary>Whether red, green and blue of any pixel differ: grey pictures are often saved as RGB.</summary>
    public static bool IsColour(Image image)
    {
        if (image.Channels == 1)
            return false;
        var pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2])
                return true;
        }
        return false;
    }

    private static void Sum(Image image, (int First, double[] Weights) rows, (int First, double[] Weights) columns, Span<double> sums)
    {
        // in registers: most of the time of scaling is spent here
        double first = 0, second = 0, third = 0;
        int channels = image.Channels;
        for (int i = 0; i < rows.Weights.Length; i++)
        {
            var pixels = image.Row(rows.First + i).Slice(columns.First * channels, columns.Weights.Length * channels);
            for (int j = 0; j < columns.Weights.Length; j++)
            {
                double weight = rows.Weights[i] * columns.Weights[j];
                first += weight * pixels[j * channels];
                if (channels == 1)
                    continue;
                second += weight * pixels[(j * channels) + 1];
                third += weight * pixels[(j * channels) + 2];
            }
        }
        (sums[0], sums[1], sums[2]) = (first, second, third);
    }

    // For each pixel along one side of the result: the first source pixel, and the weights of it and the next ones, whose sum is 1.
    private static (int First, double[] Weights)[] Taps(int length, int side, int size)
    {
        double step = (double)side / size, offset = (length - side) / 2.0;
        return [.. Enumerable.Range(0, size).Select(i => step >= 1
            ? Covered(offset + (i * step), step, length)
            : Between(offset + ((i + 0.5) * step) - 0.5, length))];
    }

    private static (int First, double[] Weights) Covered(double from, double step, int length)
    {
        int first = (int)from, last = Math.Min((int)Math.Ceiling(from + step), length) - 1;
        double[] weights = [.. Enumerable.Range(first, last - first + 1)
            .Select(i => Math.Max(0, Math.Min(i + 1, from + step) - Math.Max(i, from)) / step)];
        return (first, weights);
    }

    private static (int First, double[] Weights) Between(double at, int length)
    {
        at = Math.Clamp(at, 0, length - 1);
        int first = Math.Min((int)at, length - 1);
        double share = at - first;
        return share == 0 ? (first, [1]) : (first, [1 - share, share]);
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}

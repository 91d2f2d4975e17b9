using System.Buffers.Binary;
using System.Runtime.Intrinsics;

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
        if (shape.Channels == 1)
            Resize(image, shape.Width, grey: square, colour: default);
        else
            Resize(image, shape.Width, grey: default, colour: square);
    }

    /// <summary>Crops and resizes, in grey and in colour at once, since most of the time goes into the sums of both.</summary>
    /// <param name="image">A picture of any size.</param>
    /// <param name="size">Rows and columns of the result.</param>
    /// <param name="grey">[size, size], or empty: not needed.</param>
    /// <param name="colour">[size, size, 3], or empty: not needed.</param>
    /// <param name="isColour">False: the channels of the colour result are all the grey one.</param>
    internal static void Resize(Image image, int size, Span<byte> grey, Span<byte> colour, bool isColour = true)
    {
        int side = Math.Min(image.Width, image.Height);
        var columns = Taps(image.Width, side, size);
        var rows = Taps(image.Height, side, size);
        var sums = new Vector256<double>[size];
        for (int y = 0; y < size; y++)
        {
            Array.Clear(sums);
            for (int i = 0; i < rows[y].Weights.Length; i++)
                AddRow(image, rows[y].First + i, rows[y].Weights[i], columns, sums);
            for (int x = 0; x < size; x++)
            {
                var sum = sums[x];
                int at = (y * size) + x;
                byte mean = image.Channels == 1 ? ToByte(sum[0]) : ToByte(Red * sum[0] + Green * sum[1] + Blue * sum[2]);
                if (!grey.IsEmpty)
                    grey[at] = mean;
                for (int c = 0; c < 3 && !colour.IsEmpty; c++)
                    colour[(3 * at) + c] = image.Channels == 1 || !isColour ? mean : ToByte(sum[c]);
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

    // Adds the weighted pixels of a row to the sums, a vector of channels each; most of the time of scaling is spent here.
    private static void AddRow(Image image, int y, double weight, (int First, double[] Weights)[] columns, Vector256<double>[] sums)
    {
        int channels = image.Channels;
        var pixels = image.Pixels[(y * image.Width * channels)..];
        for (int x = 0; x < sums.Length; x++)
        {
            var (first, weights) = columns[x];
            var sum = sums[x];
            for (int j = 0; j < weights.Length; j++)
                sum += Vector256.Create(weight * weights[j]) * Pixel(pixels[((first + j) * channels)..], channels);
            sums[x] = sum;
        }
    }

    // red, green, blue of the first pixel, or grey in the place of red; what is in the other places means nothing
    private static Vector256<double> Pixel(ReadOnlySpan<byte> pixels, int channels)
    {
        if (channels == 1)
            return Vector256.CreateScalar((double)pixels[0]);
        uint bytes = pixels.Length >= sizeof(uint)
            ? BinaryPrimitives.ReadUInt32LittleEndian(pixels)
            : pixels[0] | ((uint)pixels[1] << 8) | ((uint)pixels[2] << 16);
        var wide = Vector128.ConvertToSingle(
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte())).AsInt32());
        return Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide));
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

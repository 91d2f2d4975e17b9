using System.Globalization;

namespace GanFromScratch.Gan.Images;

/// <summary>
/// Numbers on pictures: white digits on a strip of the colour that grids have between their pictures, an epoch's below a grid, or
/// classes above the pictures of one.
/// </summary>
internal static class NumberStrip
{
    private const int DigitWidth = 3, DigitHeight = 5, LargestScale = 4;

    // a wider picture has larger digits
    private const int WidthOfScale = 90, WidthOfScaleInGrid = 28;

    // 0 to 9: five rows of three pixels, from the top left
    private static readonly int[] Digits =
    [
        0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_111_001_111, 0b101_101_111_001_001,
        0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_001_001_001, 0b111_101_111_101_111, 0b111_101_111_001_111,
    ];

    /// <summary>Returns a picture that is taller by the strip.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="number">The number, at least 0.</param>
    /// <param name="most">The largest number among pictures of this width: all get strips of one height.</param>
    public static Image Below(Image picture, int number, int most)
    {
        int width = picture.Width, advance = DigitWidth + 1;
        int fits = width / (advance * Text(most).Length + 1);
        int scale = Math.Clamp(Math.Min(width / WidthOfScale, LargestScale), 1, Math.Max(1, fits));
        byte[] strip = Strip(width, scale, picture.Channels);
        Draw(strip, width, picture.Channels, 0, width, number, scale);
        return new Image(width, picture.Height + HeightOf(scale), picture.Channels, [.. picture.Pixels, .. strip]);
    }

    /// <summary>
    /// Returns a grid with the class of its pictures above them: of a row the first one's, and each that differs from the one before it;
    /// none above a row that has those of the row before.
    /// </summary>
    /// <param name="grid">The grid.</param>
    /// <param name="cell">The size of a picture, with the gap between them: width, and height.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="labels">The label of each picture.</param>
    public static Image Above(Image grid, (int Width, int Height) cell, int columns, IReadOnlyList<int> labels)
    {
        int scale = ScaleOf(cell.Width), channels = grid.Channels;
        var pixels = new List<byte>();
        int height = grid.Height;
        for (int row = 0; row * columns < labels.Count; row++)
        {
            int[] now = [.. labels.Skip(row * columns).Take(columns)];
            if (row == 0 || !now.SequenceEqual(labels.Skip((row - 1) * columns).Take(now.Length)))
            {
                byte[] strip = Strip(grid.Width, scale, channels);
                for (int i = 0; i < now.Length; i++)
                {
                    if (i == 0 || now[i] != now[i - 1])
                        Draw(strip, grid.Width, channels, i * cell.Width, (i + 1) * cell.Width, now[i], scale);
                }
                pixels.AddRange(strip);
                height += HeightOf(scale);
            }
            bool isLast = (row + 1) * columns >= labels.Count;
            int from = row * cell.Height, to = isLast ? grid.Height : from + cell.Height;
            pixels.AddRange(grid.Pixels[(from * grid.Width * channels)..(to * grid.Width * channels)]);
        }
        return new Image(grid.Width, height, channels, [.. pixels]);
    }

    /// <summary>Returns the height of a strip above pictures of a width, the gap included.</summary>
    public static int HeightAbove(int cellWidth) => HeightOf(ScaleOf(cellWidth));

    private static int ScaleOf(int cellWidth) => Math.Clamp(cellWidth / WidthOfScaleInGrid, 1, LargestScale);

    private static byte[] Strip(int width, int scale, int channels)
    {
        var strip = new byte[width * HeightOf(scale) * channels];
        Array.Fill(strip, ImageGrid.Background);
        return strip;
    }

    private static int HeightOf(int scale) => (DigitHeight + 2) * scale;

    // from a column on, one digit's pixel away from it
    private static void Draw(byte[] strip, int width, int channels, int left, int right, int number, int scale)
    {
        int advance = DigitWidth + 1;
        string text = Text(number);
        for (int y = 0; y < DigitHeight * scale; y++)
        {
            for (int x = 0; x < Math.Min(advance * text.Length * scale, Math.Min(right, width) - left - scale); x++)
            {
                if (IsSet(Digits[text[x / scale / advance] - '0'], x / scale % advance, y / scale))
                    Array.Fill(strip, byte.MaxValue, ((y + scale) * width + left + x + scale) * channels, channels);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsSet(int digit, int x, int y) =>
        x < DigitWidth && (digit >> ((DigitHeight - y) * DigitWidth - 1 - x) & 1) != 0;
}

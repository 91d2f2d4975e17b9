using System.Globalization;

namespace GanFromScratch.Gan.Images;

/// <summary>Puts a number below a picture: white digits on a strip of the colour that grids have between their pictures.</summary>
internal static class NumberStrip
{
    private const int DigitWidth = 3, DigitHeight = 5, LargestScale = 4;

    // a wider picture has larger digits
    private const int WidthOfScale = 90;

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
        int width = picture.Width, channels = picture.Channels, advance = DigitWidth + 1;
        int fits = width / (advance * Text(most).Length + 1);
        int scale = Math.Clamp(Math.Min(width / WidthOfScale, LargestScale), 1, Math.Max(1, fits));
        int height = (DigitHeight + 2) * scale;
        var strip = new byte[width * height * channels];
        Array.Fill(strip, ImageGrid.Background);
        string text = Text(number);
        for (int y = 0; y < DigitHeight * scale; y++)
        {
            for (int x = 0; x < Math.Min(advance * text.Length * scale, width - scale); x++)
            {
                if (IsSet(Digits[text[x / scale / advance] - '0'], x / scale % advance, y / scale))
                    Array.Fill(strip, byte.MaxValue, ((y + scale) * width + x + scale) * channels, channels);
            }
        }
        return new Image(width, picture.Height + height, channels, [.. picture.Pixels, .. strip]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsSet(int digit, int x, int y) =>
        x < DigitWidth && (digit >> ((DigitHeight - y) * DigitWidth - 1 - x) & 1) != 0;
}

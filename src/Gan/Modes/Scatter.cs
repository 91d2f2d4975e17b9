using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Modes;

/// <summary>Draws a scatter plot of points over a mixture: a circle of three sigma around each mean, and a dot for each point.</summary>
internal static class Scatter
{
    private const int Size = 400;

    // colours of Okabe and Ito, as in LineChart
    private static readonly (byte R, byte G, byte B) Circle = (230, 159, 0), Dot = (0, 114, 178);

    /// <summary>Draws points [n,2], divided by <see cref="Mixture.Scale"/>, without those outside the plot.</summary>
    public static Image Draw(Mixture mixture, ReadOnlySpan<float> points)
    {
        var pixels = new byte[Size * Size * 3];
        pixels.AsSpan().Fill(255);
        float zoom = Size / (2 * mixture.Extent);
        for (int mode = 0; mode < mixture.Modes; mode++)
        {
            var (x, y) = mixture.Centre(mode);
            DrawRing(pixels, ToPixel(x, zoom), ToPixel(-y, zoom), 3 * mixture.Sigma * zoom);
        }
        for (int i = 0; i < points.Length; i += 2)
        {
            float x = ToPixel(points[i] * mixture.Scale, zoom), y = ToPixel(-points[i + 1] * mixture.Scale, zoom);
            if (x is >= 0 and < Size && y is >= 0 and < Size)
                Blend(pixels, (int)x, (int)y, Dot, 0.6f);
        }
        return new Image(Size, Size, 3, pixels);
    }

    private static float ToPixel(float coordinate, float zoom) => (Size / 2f) + (coordinate * zoom);

    // a ring, one pixel wide, just outside the radius
    private static void DrawRing(byte[] pixels, float x, float y, float radius)
    {
        int reach = (int)radius + 3;
        for (int row = Math.Max(0, (int)y - reach); row < Math.Min(Size, (int)y + reach); row++)
        {
            for (int column = Math.Max(0, (int)x - reach); column < Math.Min(Size, (int)x + reach); column++)
            {
                float away = MathF.Sqrt(((column + 0.5f - x) * (column + 0.5f - x)) + ((row + 0.5f - y) * (row + 0.5f - y))) - radius - 1f;
                if (MathF.Abs(away) < 1f)
                    Blend(pixels, column, row, Circle, 1f - MathF.Abs(away));
            }
        }
    }

    private static void Blend(byte[] pixels, int x, int y, (byte R, byte G, byte B) colour, float share)
    {
        int at = 3 * ((y * Size) + x);
        pixels[at] += (byte)(share * (colour.R - pixels[at]));
        pixels[at + 1] += (byte)(share * (colour.G - pixels[at + 1]));
        pixels[at + 2] += (byte)(share * (colour.B - pixels[at + 2]));
    }
}

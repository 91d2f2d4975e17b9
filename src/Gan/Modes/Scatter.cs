using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Modes;

/// <summary>A picture of points and the mixture that they should cover: a circle of three sigma around each middle, and a dot for each point.</summary>
internal static class Scatter
{
    private const int Size = 400;

    // Okabe and Ito's colours, as in the curves
    private static readonly (byte R, byte G, byte B) Circle = (230, 159, 0), Dot = (0, 114, 178);

    /// <summary>Draws points in a network's units, [n,2]; those outside the picture are left out.</summary>
    public static Image Draw(Mixture mixture, ReadOnlySpan<float> points)
    {
        var pixels = new byte[Size * Size * 3];
        pixels.AsSpan().Fill(255);
        float scale = Size / (2 * mixture.Reach);
        for (int mode = 0; mode < mixture.Modes; mode++)
        {
            var (x, y) = mixture.Centre(mode);
            DrawRing(pixels, Place(x, scale), Place(-y, scale), 3 * mixture.Sigma * scale);
        }
        for (int i = 0; i < points.Length; i += 2)
        {
            float x = Place(points[i] * mixture.Unit, scale), y = Place(-points[i + 1] * mixture.Unit, scale);
            if (x is >= 0 and < Size && y is >= 0 and < Size)
                Blend(pixels, (int)x, (int)y, Dot, 0.6f);
        }
        return new Image(Size, Size, 3, pixels);
    }

    private static float Place(float coordinate, float scale) => (Size / 2f) + (coordinate * scale);

    // a ring one pixel wide, just outside of the radius
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

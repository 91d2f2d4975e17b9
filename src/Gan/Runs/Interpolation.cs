namespace GanFromScratch.Gan.Runs;

/// <summary>
/// The way from one noise to another. Normal noise lies near a sphere, of the radius √z, and hardly ever within it: the straight way
/// between two noises leads through a place that the generator never saw. So the spherical way turns the direction evenly, and the length
/// changes evenly beside it. Uniform noise fills a cube, which the straight way never leaves.
/// </summary>
internal static class Interpolation
{
    // each halves what is left of the angle; after 40 the rest is below a float's last bit
    private const int Halvings = 40;

    /// <summary>What lies between two noises: the first one at 0, the second one at 1, both exactly.</summary>
    public static float[] Between(float[] from, float[] to, double share, bool spherical)
    {
        if (share is 0 or 1)
            return share == 0 ? from : to;
        double fromLength = Length(Wide(from)), toLength = Length(Wide(to));
        bool hasDirections = fromLength > 0 && toLength > 0 && from.Length > 1;
        if (!spherical || !hasDirections)
            return [.. from.Zip(to, (a, b) => (float)(a + (share * ((double)b - a))))];
        double length = fromLength + (share * (toLength - fromLength));
        return [.. Turned(Unit(Wide(from)), Unit(Wide(to)), share).Select(x => (float)(x * length))];
    }

    /// <summary>
    /// The direction at a share of the angle between two others. The middle of two directions is their sum's, and what lies between is
    /// found by halving: with square roots alone, so that no library's sine decides about a picture's bytes.
    /// </summary>
    private static double[] Turned(double[] from, double[] to, double share)
    {
        var middle = Sum(from, to);
        if (Length(middle) < 1e-6)
            middle = Across(from); // opposite: all ways are as long, and this is one
        for (int i = 0; i < Halvings; i++)
        {
            share *= 2;
            middle = Unit(middle);
            if (share < 1)
            {
                to = middle;
            }
            else
            {
                from = middle;
                share--;
            }
            middle = Sum(from, to);
        }
        return from;
    }

    /// <summary>A direction at a right angle to another one: what is left of the axis that is nearest to such.</summary>
    private static double[] Across(double[] direction)
    {
        int axis = Array.IndexOf(direction, direction.MinBy(Math.Abs));
        return [.. direction.Select((x, i) => (i == axis ? 1 : 0) - (direction[axis] * x))];
    }

    private static double[] Wide(float[] x) => Array.ConvertAll(x, v => (double)v);

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Unit(double[] x)
    {
        double length = Length(x);
        return Array.ConvertAll(x, v => v / length);
    }

    private static double Length(double[] x) => Math.Sqrt(x.Sum(v => v * v));
}

namespace GanFromScratch.Gan.Images;

/// <summary>
/// A palette of 256 colours for all frames. Up to 256 different colours are exact. More are quantised: the histogram is cut into 256
/// boxes, always the one with the greatest squared error, at its mean along the channel that varies most, and each box gives its mean
/// colour. Pixels get the nearest colour, without dithering, which would flicker.
/// </summary>
internal sealed class Palette
{
    /// <summary>Number of colours.</summary>
    public const int Size = 256;

    // a bin is a cube of 4·4·4 colours: 6 bits of each channel
    private const int Bins = 1 << 18;

    private readonly byte[] _colours = new byte[Size * 3];
    private readonly int _count;

    // nearest[r,g,b]: 1 + index, or 0 if not yet known
    private readonly ushort[] _nearest = new ushort[1 << 24];

    private Palette(IReadOnlyList<int> colours)
    {
        _count = colours.Count;
        for (int i = 0; i < _count; i++)
        {
            int colour = colours[i];
            (_colours[i * 3], _colours[i * 3 + 1], _colours[i * 3 + 2]) = ((byte)(colour >> 16), (byte)(colour >> 8), (byte)colour);
        }
    }

    /// <summary>Red, green, blue of each index; unused ones at the end are black.</summary>
    public ReadOnlySpan<byte> Colours => _colours;

    /// <summary>Makes the palette of colour frames, which are enumerated once.</summary>
    public static Palette Of(IEnumerable<Image> frames)
    {
        var exact = new HashSet<int>();
        var sums = new long[Bins * 4];
        foreach (var frame in frames)
        {
            var pixels = frame.Pixels;
            for (int i = 0; i < pixels.Length; i += 3)
            {
                int r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
                if (exact.Count <= Size)
                    exact.Add(r << 16 | g << 8 | b);
                int bin = (r >> 2 << 12 | g >> 2 << 6 | b >> 2) * 4;
                sums[bin] += r;
                sums[bin + 1] += g;
                sums[bin + 2] += b;
                sums[bin + 3]++;
            }
        }
        return new Palette(exact.Count <= Size ? [.. exact.Order()] : Cut(sums));
    }

    /// <summary>Finds the index of the nearest colour of each pixel.</summary>
    public void Indices(Image frame, Span<byte> indices)
    {
        var pixels = frame.Pixels;
        for (int i = 0, n = 0; i < pixels.Length; i += 3, n++)
        {
            int r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
            ref ushort known = ref _nearest[r << 16 | g << 8 | b];
            if (known == 0)
                known = (ushort)(1 + Nearest(r, g, b));
            indices[n] = (byte)(known - 1);
        }
    }

    private int Nearest(int r, int g, int b)
    {
        int best = 0, bestDistance = int.MaxValue;
        for (int i = 0; i < _count; i++)
        {
            int dr = r - _colours[i * 3], dg = g - _colours[i * 3 + 1], db = b - _colours[i * 3 + 2];
            int distance = dr * dr + dg * dg + db * db;
            if (distance < bestDistance)
                (best, bestDistance) = (i, distance);
        }
        return best;
    }

    // sums[Bins, 4]: red, green, blue, count
    private static List<int> Cut(long[] sums)
    {
        var points = new List<Point>();
        for (int i = 0; i < sums.Length; i += 4)
        {
            double count = sums[i + 3];
            if (count > 0)
                points.Add(new Point([sums[i] / count, sums[i + 1] / count, sums[i + 2] / count], count));
        }
        var boxes = new List<Box> { new(points) };
        while (boxes.Count < Size && boxes.MaxBy(box => box.Error) is { Error: > 0 } worst)
        {
            boxes.Remove(worst);
            boxes.Add(new Box(worst.Points.FindAll(p => p.Colour[worst.Axis] <= worst.Mean[worst.Axis])));
            boxes.Add(new Box(worst.Points.FindAll(p => p.Colour[worst.Axis] > worst.Mean[worst.Axis])));
        }
        return boxes.ConvertAll(box => Rounded(box.Mean[0]) << 16 | Rounded(box.Mean[1]) << 8 | Rounded(box.Mean[2]));
    }

    private static int Rounded(double channel) => (int)(channel + 0.5);

    private sealed record Point(double[] Colour, double Count);

    private sealed class Box
    {
        public Box(List<Point> points)
        {
            Points = points;
            double count = points.Sum(p => p.Count), greatest = -1;
            for (int c = 0; c < 3; c++)
            {
                double mean = points.Sum(p => p.Colour[c] * p.Count) / count;
                double error = points.Sum(p => (p.Colour[c] - mean) * (p.Colour[c] - mean) * p.Count);
                Mean[c] = mean;
                if (error > greatest)
                    (greatest, Axis) = (error, c);
                Error += error;
            }

            // can't be cut: a single point, or points that rounding of the mean leaves on one side
            if (points.TrueForAll(p => p.Colour[Axis] <= Mean[Axis]) || points.TrueForAll(p => p.Colour[Axis] > Mean[Axis]))
                Error = 0;
        }

        public List<Point> Points { get; }

        public double[] Mean { get; } = new double[3];

        public double Error { get; }

        public int Axis { get; }
    }
}

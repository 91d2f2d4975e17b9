namespace GanFromScratch.Gan.Data;

/// <summary>Draws digits: distorts the strokes of a glyph, fits them into the picture, and rasterises them. Not thread-safe.</summary>
internal sealed class DigitPen
{
    private const int Size = Digits.Size;
    private const int StepsPerSpan = 7;

    // MNIST's digits are at most 20 pixels high or wide, with the ink
    private const float Box = 20f;

    // width in pixels of an edge from black to white
    private const float Softness = 1.3f;

    // points on all strokes, with the relative radius of the pen; the first point of a stroke has no segment before it
    private readonly List<(float X, float Y, float R, bool IsFirst)> _path = new(256);
    private readonly (float X, float Y)[] _points = new (float X, float Y)[16];
    private readonly float[] _ink = new float[Size * Size];

    /// <summary>Draws a digit into [28, 28] bytes.</summary>
    public void Draw(int digit, DigitRandom random, Span<byte> pixels)
    {
        var glyph = Choose(DigitGlyph.All[digit], ref random);
        var hand = new Hand(glyph, ref random);
        _path.Clear();
        foreach (var stroke in glyph.Strokes)
            Trace(stroke, hand, ref random);
        float radius = hand.Radius;
        Fit(Box * hand.Size, radius);
        Rasterise(radius);
        Quantise(ref random, pixels);
    }

    private static DigitGlyph Choose(DigitGlyph[] glyphs, ref DigitRandom random)
    {
        float total = 0;
        foreach (var glyph in glyphs)
            total += glyph.Weight;
        float at = random.Uniform() * total;
        foreach (var glyph in glyphs)
        {
            at -= glyph.Weight;
            if (at < 0)
                return glyph;
        }
        return glyphs[^1];
    }

    /// <summary>One handwriting: slant, width, bends, the pen.</summary>
    private readonly struct Hand
    {
        public readonly float Pose, Wobble, Radius, Size;
        private readonly float _aspect, _slant, _turn, _bow, _fan, _sag, _squeeze, _rise;

        public Hand(DigitGlyph glyph, ref DigitRandom random)
        {
            Pose = random.Between(-0.25f, 1.25f);
            Wobble = random.Between(0.012f, 0.046f);
            float weight = random.Uniform();
            Radius = 0.94f + 0.48f * weight + 0.52f * weight * weight * weight + 0.12f * random.Normal();
            Size = random.Between(0.95f, 1f);
            float broad = 1.06f + 0.20f * random.Normal();
            _aspect = glyph.Aspect * (broad < 0.6f ? 0.6f : broad);
            _slant = 0.18f + 0.24f * random.Normal();
            _turn = 0.07f * random.Normal();
            _bow = 0.18f * random.Normal();
            _fan = 0.22f * random.Normal();
            _sag = 0.12f * random.Normal();
            _squeeze = 0.18f * random.Normal();
            _rise = 0.04f * random.Normal();
        }

        // u, v: -0.5..0.5 from the middle of the glyph; shears and squares distort it smoothly
        public (float X, float Y) Bend(float u, float v)
        {
            float x = u * (1f + _fan * v) * _aspect + _bow * (v * v - 0.08f) * _aspect;
            float y = v + _squeeze * (v * v - 0.25f) + _sag * u * u + _rise * u;
            return (x - (_slant + _turn) * y, y + _turn * x);
        }
    }

    private void Trace(DigitGlyph.Stroke stroke, in Hand hand, ref DigitRandom random)
    {
        int count = stroke.A.Length;
        for (int i = 0; i < count; i++)
        {
            var (ax, ay) = stroke.A[i];
            var (bx, by) = stroke.B[i];
            float u = ax + hand.Pose * (bx - ax) - 0.5f + hand.Wobble * random.Normal();
            float v = ay + hand.Pose * (by - ay) - 0.5f + hand.Wobble * random.Normal();
            _points[i] = hand.Bend(u, v);
        }
        // the pen presses harder at one end, and in the middle
        float drift = 0.14f * random.Normal(), swell = 0.16f * random.Normal();
        int steps = (count - 1) * StepsPerSpan;
        for (int step = 0; step <= steps; step++)
        {
            int span = Math.Min(step / StepsPerSpan, count - 2);
            float t = (step - span * StepsPerSpan) / (float)StepsPerSpan;
            var (x, y) = Spline(stroke, span, t);
            float along = 2f * step / steps - 1f;
            _path.Add((x, y, 1f + drift * along + swell * (0.5f - along * along), step == 0));
        }
    }

    // Catmull-Rom spline through the points; at an end or a corner, the missing neighbour is mirrored
    private (float X, float Y) Spline(DigitGlyph.Stroke stroke, int span, float t)
    {
        var (p1x, p1y) = _points[span];
        var (p2x, p2y) = _points[span + 1];
        bool first = span == 0 || stroke.Corner[span], last = span + 2 == stroke.A.Length || stroke.Corner[span + 1];
        var (p0x, p0y) = first ? (2f * p1x - p2x, 2f * p1y - p2y) : _points[span - 1];
        var (p3x, p3y) = last ? (2f * p2x - p1x, 2f * p2y - p1y) : _points[span + 2];
        return (Cubic(p0x, p1x, p2x, p3x, t), Cubic(p0y, p1y, p2y, p3y, t));
    }

    private static float Cubic(float p0, float p1, float p2, float p3, float t) =>
        p1 + 0.5f * t * (p2 - p0 + t * (2f * p0 - 5f * p1 + 4f * p2 - p3 + t * (3f * (p1 - p2) + p3 - p0)));

    // Scales the path so that its ink fills the box in one direction, and moves its centre of mass to the middle, like MNIST.
    private void Fit(float box, float radius)
    {
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (var (x, y, _, _) in _path)
        {
            left = Math.Min(left, x);
            right = Math.Max(right, x);
            top = Math.Min(top, y);
            bottom = Math.Max(bottom, y);
        }
        float scale = (box - 2f * radius) / Math.Max(right - left, bottom - top);
        float mass = 0, massX = 0, massY = 0;
        for (int i = 1; i < _path.Count; i++)
        {
            var (x0, y0, r0, _) = _path[i - 1];
            var (x1, y1, r1, isFirst) = _path[i];
            if (isFirst)
                continue;
            float dx = x1 - x0, dy = y1 - y0;
            float m = MathF.Sqrt(dx * dx + dy * dy) * (r0 + r1);
            mass += m;
            massX += m * 0.5f * (x0 + x1);
            massY += m * 0.5f * (y0 + y1);
        }
        float middleX = massX / mass, middleY = massY / mass;
        for (int i = 0; i < _path.Count; i++)
        {
            var (x, y, r, isFirst) = _path[i];
            _path[i] = ((x - middleX) * scale + Size / 2f, (y - middleY) * scale + Size / 2f, r, isFirst);
        }
    }

    // The ink of a pixel is the distance of its middle from the edge of the nearest stroke.
    private void Rasterise(float radius)
    {
        Array.Clear(_ink);
        for (int i = 1; i < _path.Count; i++)
        {
            var (x0, y0, r0, _) = _path[i - 1];
            var (x1, y1, r1, isFirst) = _path[i];
            if (isFirst)
                continue;
            float r = 0.5f * radius * (r0 + r1), reach = r + 0.5f * Softness;
            float dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
            float inverse = length > 1e-12f ? 1f / length : 0f;
            int fromX = Math.Max(0, (int)(Math.Min(x0, x1) - reach)), toX = Math.Min(Size - 1, (int)(Math.Max(x0, x1) + reach));
            int fromY = Math.Max(0, (int)(Math.Min(y0, y1) - reach)), toY = Math.Min(Size - 1, (int)(Math.Max(y0, y1) + reach));
            for (int row = fromY; row <= toY; row++)
            {
                for (int column = fromX; column <= toX; column++)
                {
                    float px = column + 0.5f - x0, py = row + 0.5f - y0;
                    float t = Math.Clamp((px * dx + py * dy) * inverse, 0f, 1f);
                    float ex = px - t * dx, ey = py - t * dy;
                    float ink = (reach - MathF.Sqrt(ex * ex + ey * ey)) * (1f / Softness);
                    ref float pixel = ref _ink[row * Size + column];
                    pixel = Math.Max(pixel, ink);
                }
            }
        }
    }

    // Makes edges a little rough, like those of scanned digits.
    private void Quantise(ref DigitRandom random, Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            float ink = _ink[i];
            if (ink > 0f && ink < 1f)
                ink = Math.Clamp(ink + (random.Uniform() - 0.5f) * 0.36f, 0f, 1f);
            pixels[i] = (byte)(Math.Min(ink, 1f) * 254f + 0.5f);
        }
    }
}

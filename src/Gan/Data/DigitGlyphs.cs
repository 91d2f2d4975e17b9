using System.Globalization;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// A glyph, one of several for each digit: strokes of control points in two poses, between which each picture interpolates. Points lie in a
/// unit box, y downwards; a corner breaks the smooth curve through its neighbours.
/// </summary>
internal sealed class DigitGlyph
{
    /// <summary>The weight of this glyph among those of the digit.</summary>
    public required float Weight { get; init; }

    /// <summary>The mean width over height of the drawn digit.</summary>
    public required float Aspect { get; init; }

    /// <summary>The strokes.</summary>
    public required Stroke[] Strokes { get; init; }

    /// <summary>A stroke: points of pose A and B, and which of them are corners.</summary>
    internal sealed record Stroke((float X, float Y)[] A, (float X, float Y)[] B, bool[] Corner);

    /// <summary>The glyphs of each digit, 0 to 9.</summary>
    public static readonly DigitGlyph[][] All = BuildAll();

    // A glyph as text: strokes separated by '/', points by spaces, x,y in hundredths, '!' for a corner. Both poses have the same points.
    private static DigitGlyph[][] BuildAll() =>
    [
        [
            Glyph(60, 0.80f,
                "58,2 24,14 7,50 22,88 52,99 82,86 94,48 80,12 50,2 36,7",
                "40,6 16,24 6,58 24,94 56,97 86,72 95,36 78,7 52,2 40,8"),
            Glyph(40, 0.86f,
                "66,8 34,3 10,32 8,70 36,98 72,88 92,56 86,20 62,5 44,12",
                "62,16 40,2 12,22 5,62 28,97 66,95 95,64 92,24 70,4 48,3"),
        ],
        [
            Glyph(84, 0.20f, "50,0 52,34 49,66 50,100", "50,0 46,34 50,66 52,100"),
            Glyph(9, 0.38f, "10,26 40,16 66,0! 64,50 62,100", "20,20 46,12 66,0! 68,50 64,100"),
            Glyph(7, 0.55f, "16,22 36,15 54,0! 53,50 52,97 / 6,98 50,96 98,97", "26,16 40,10 52,0! 55,50 50,97 / 14,96 50,98 94,93"),
        ],
        [
            Glyph(40, 0.88f,
                "12,26 30,5 62,2 78,22 62,54 34,80 6,97! 48,92 96,94",
                "20,18 36,3 58,3 70,20 60,48 36,72 10,94! 50,95 92,99"),
            Glyph(45, 0.96f,
                "14,22 38,2 70,10 74,34 54,66 26,92 8,90 12,74 36,78 62,92 97,88",
                "22,14 46,1 66,14 64,40 42,72 18,93 4,82 16,68 40,80 66,94 96,80"),
            Glyph(15, 0.76f,
                "18,14 40,2 70,6 82,28 70,60 44,84 12,94! 40,84 66,94 94,90",
                "8,10 40,1 76,6 84,26 66,58 42,80 8,98! 44,94 70,95 98,94"),
        ],
        [
            Glyph(45, 0.74f,
                "16,10 46,1 78,12 72,34 38,46! 74,54 84,76 58,97 8,90",
                "10,18 40,2 72,8 78,28 46,45! 82,52 92,74 60,98 14,94"),
            Glyph(35, 0.78f,
                "12,14 44,2 74,12 68,34 44,45 42,49 66,54 84,74 58,97 10,88",
                "18,8 52,1 82,16 70,38 46,46 48,50 74,56 80,80 48,99 4,84"),
            Glyph(20, 0.72f,
                "8,6 44,4 80,4! 60,24 36,42! 72,52 86,74 58,97 10,90",
                "14,10 42,3 72,6! 58,26 42,40! 82,54 84,82 46,99 6,94"),
        ],
        [
            Glyph(45, 0.80f,
                "22,2 16,28 10,54! 48,53 92,48 / 78,4 74,50 68,100",
                "14,8 10,30 16,50 46,54 86,44 / 84,0 74,48 64,100"),
            Glyph(30, 0.84f,
                "26,6 12,34 22,50 50,48 80,36 / 86,2 74,50 58,100",
                "30,0 18,32 10,52 48,58 98,46 / 72,14 62,54 50,100"),
            Glyph(25, 0.74f,
                "70,2 40,32 6,64! 50,63 96,60 / 68,4 67,50 64,100",
                "58,0 32,30 8,58! 46,62 92,64 / 60,2 60,50 60,100"),
        ],
        [
            Glyph(45, 0.80f,
                "30,8 27,26 22,44! 52,38 80,58 76,82 48,98 8,92 / 29,8 58,7 94,3",
                "34,6 29,24 26,42! 60,44 78,64 66,88 38,98 12,88 / 32,7 56,3 88,6"),
            Glyph(35, 0.86f,
                "96,4 62,8 34,8! 28,26 22,44! 54,42 74,60 66,88 34,98 4,88",
                "92,0 66,2 42,5! 34,22 26,40! 50,48 64,66 50,90 26,99 4,92"),
            Glyph(20, 0.66f,
                "84,6 58,5 26,9! 22,26 24,42 50,46 78,64 74,88 44,99 12,90",
                "78,4 54,2 24,4! 18,26 22,40 56,44 84,62 80,88 50,97 16,97"),
        ],
        [
            Glyph(60, 0.68f,
                "66,2 38,22 18,52 16,82 42,98 74,90 82,68 58,54 32,62 16,82",
                "48,0 26,26 12,56 14,84 42,99 76,92 86,72 62,60 34,66 14,78"),
            Glyph(40, 0.76f,
                "84,2 48,18 20,48 10,80 34,98 64,90 74,68 54,58 30,70 18,90",
                "58,0 38,20 20,46 8,76 32,98 74,94 92,70 64,52 32,62 12,80"),
        ],
        [
            Glyph(50, 0.74f,
                "8,12 46,9 88,6! 68,36 52,66 42,100",
                "6,8 44,12 84,10! 66,38 46,66 30,100"),
            Glyph(24, 0.76f,
                "10,26 14,8 46,9 84,8 80,24 60,56 46,100",
                "14,30 12,12 44,4 82,6 76,28 54,60 36,100"),
            Glyph(14, 0.78f,
                "10,12 48,9 88,6! 68,36 52,66 42,100 / 26,54 54,51 86,48",
                "8,6 44,8 80,8! 66,38 52,66 44,100 / 28,50 54,52 82,46"),
            Glyph(12, 0.62f,
                "10,14 46,4 80,4 84,16 70,50 64,100",
                "6,20 36,8 72,2 84,12 80,50 78,100"),
        ],
        [
            Glyph(50, 0.74f,
                "78,16 52,2 24,12 24,32 52,48 78,70 70,94 38,98 18,82 34,58 66,38 80,18",
                "74,10 50,1 28,14 30,34 50,46 70,68 62,94 34,98 20,80 38,54 68,34 84,12"),
            Glyph(30, 0.80f,
                "90,8 56,3 26,16 32,36 54,50 74,70 64,94 34,97 22,78 42,56 70,34 86,6",
                "80,4 54,6 30,18 34,38 48,52 62,74 50,96 24,97 14,80 36,60 66,38 94,8"),
            Glyph(20, 0.62f,
                "52,46 28,32 26,10 54,2 78,14 74,34 50,47 22,62 16,84 44,98 78,90 82,66 52,47",
                "50,44 22,34 20,10 52,1 80,12 80,34 48,45 16,58 10,86 46,99 84,88 88,62 50,44"),
        ],
        [
            Glyph(45, 0.66f,
                "80,16 52,3 22,16 16,38 42,50 70,36 80,14! 77,40 70,70 64,100",
                "78,12 46,2 16,20 18,42 46,46 72,30 82,10! 82,40 82,70 80,100"),
            Glyph(35, 0.72f,
                "78,24 56,4 24,14 14,38 38,48 66,36 82,16 76,44 62,72 46,100",
                "74,18 52,2 26,14 20,36 42,44 66,30 78,20 74,44 68,70 62,100"),
            Glyph(20, 0.68f,
                "78,18 50,2 20,16 18,40 46,48 76,34 80,16 80,56 62,92 18,92",
                "82,20 54,3 24,12 18,34 44,46 72,36 84,20 88,60 74,92 36,98"),
        ],
    ];

    private static DigitGlyph Glyph(float weight, float aspect, string poseA, string poseB)
    {
        string[] a = poseA.Split('/'), b = poseB.Split('/');
        return new DigitGlyph
        {
            Weight = weight,
            Aspect = aspect,
            Strokes = [.. a.Zip(b, (strokeA, strokeB) => new Stroke(Points(strokeA), Points(strokeB), Corners(strokeA)))],
        };
    }

    private static string[] Words(string stroke) => stroke.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool[] Corners(string stroke) => [.. Words(stroke).Select(word => word.EndsWith('!'))];

    private static (float X, float Y)[] Points(string stroke) =>
        [.. Words(stroke).Select(word => word.TrimEnd('!').Split(',')).Select(pair => (Part(pair[0]), Part(pair[1])))];

    private static float Part(string hundredths) => int.Parse(hundredths, CultureInfo.InvariantCulture) / 100f;
}

using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>A picture's nearest ones among others, by the distance of their pixels.</summary>
/// <param name="Pictures">Which ones, the nearest first.</param>
/// <param name="Distances">The root of the mean squared difference of their pixels from the picture's, of 255.</param>
internal sealed record NearestPictures(int[] Pictures, double[] Distances)
{
    /// <summary>Looks for them. Differences are added up as whole numbers, so nothing depends on an order.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="among">The others.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="threads">Threads that look.</param>
    public static NearestPictures Of(ReadOnlyMemory<byte> picture, ImageBytes among, int count, int threads)
    {
        var squares = new long[among.Count];
        Parallel.For(0, squares.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => squares[i] = Square(picture.Span, among[i]));
        int[] nearest = [.. Enumerable.Range(0, squares.Length).OrderBy(i => squares[i]).Take(count)];
        return new NearestPictures(nearest, [.. nearest.Select(i => Math.Sqrt(squares[i] / (double)picture.Length))]);
    }

    /// <summary>A row for each picture: itself, then its nearest ones.</summary>
    public static Image Grid(ImageBytes pictures, ImageBytes among, IReadOnlyList<NearestPictures> nearest)
    {
        int columns = 1 + nearest[0].Pictures.Length;
        var cells = new List<byte>();
        for (int row = 0; row < nearest.Count; row++)
        {
            cells.AddRange(pictures[row]);
            foreach (int found in nearest[row].Pictures)
                cells.AddRange(among[found]);
        }
        return ImageGrid.Compose(cells.ToArray(), pictures.Shape, nearest.Count, columns);
    }

    private static long Square(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}

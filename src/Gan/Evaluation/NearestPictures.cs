using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>The nearest neighbours of a picture among others, by their pixels.</summary>
/// <param name="Indices">Indices of the neighbours, the nearest first.</param>
/// <param name="Distances">Root mean squared differences of pixels, of 255.</param>
internal sealed record NearestPictures(int[] Indices, double[] Distances)
{
    /// <summary>Finds the nearest neighbours. Differences are whole numbers, so that their order doesn't matter.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="among">The other pictures.</param>
    /// <param name="count">Number of neighbours.</param>
    /// <param name="threads">Threads.</param>
    public static NearestPictures Of(ReadOnlyMemory<byte> picture, ImageBytes among, int count, int threads)
    {
        var squares = new long[among.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, squares.Length, options, i => squares[i] = SquaredDistance(picture.Span, among[i]));
        int[] nearest = [.. Enumerable.Range(0, squares.Length).OrderBy(i => squares[i]).Take(count)];
        return new NearestPictures(nearest, [.. nearest.Select(i => Math.Sqrt(squares[i] / (double)picture.Length))]);
    }

    /// <summary>Composes a grid with a row for each picture: the picture, then its neighbours.</summary>
    public static Image Grid(ImageBytes pictures, ImageBytes among, IReadOnlyList<NearestPictures> nearest)
    {
        int columns = 1 + nearest[0].Indices.Length;
        var cells = new List<byte>();
        for (int row = 0; row < nearest.Count; row++)
        {
            cells.AddRange(pictures[row]);
            foreach (int found in nearest[row].Indices)
                cells.AddRange(among[found]);
        }
        return ImageGrid.Compose(cells.ToArray(), pictures.Shape, nearest.Count, columns);
    }

    private static long SquaredDistance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}

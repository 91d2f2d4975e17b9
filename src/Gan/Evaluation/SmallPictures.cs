using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>
/// Reduces pictures to at most 32x32, by the mean of the covered area: features of more pixels would take minutes and gigabytes, and see
/// little more.
/// </summary>
internal static class SmallPictures
{
    private const int Size = 32;

    /// <summary>The shape of reduced pictures.</summary>
    public static PictureShape Shape(PictureShape of) => of with { Height = Math.Min(of.Height, Size), Width = Math.Min(of.Width, Size) };

    /// <summary>Reduces pictures; those that are small enough stay as they are.</summary>
    /// <param name="pictures">Squares.</param>
    /// <param name="threads">Threads; 0: one for each core.</param>
    public static ImageBytes Of(ImageBytes pictures, int threads = 0)
    {
        var (shape, small) = (pictures.Shape, Shape(pictures.Shape));
        if (small == shape)
            return pictures;
        var pixels = new byte[pictures.Count * small.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1 };
        Parallel.For(0, pictures.Count, options, i =>
        {
            var picture = new Image(shape.Width, shape.Height, shape.Channels, pictures[i].ToArray());
            CentreCrop.Resize(picture, small).CopyTo(pixels, i * small.Length);
        });
        return new ImageBytes(small, pixels);
    }
}

using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Pictures of another program, to be compared with a data set: an array of NumPy's, or a folder or a .zip of files.</summary>
/// <param name="Path">The .npz file, the folder or the .zip.</param>
internal sealed record GivenPictures(string Path)
{
    /// <summary>How the data set was asked for: the background, threads, and what becomes of unusable files are the same here.</summary>
    public required DatasetRequest Request { get; init; }

    /// <summary>Whether to crop and scale pictures of a folder that are of another size; otherwise they are an error.</summary>
    public bool Resize { get; init; }

    /// <summary>Tells whether a path is that of picture files; otherwise of an array of NumPy's.</summary>
    public static bool AreFiles(string path) => Directory.Exists(path) || (Datasets.IsArchive(path) && !NpzFile.Holds(path));

    /// <summary>Reads the pictures, or of more of them as many as asked for, drawn at random.</summary>
    /// <param name="real">The data set.</param>
    /// <param name="max">The most pictures.</param>
    /// <param name="seed">The seed of the draw.</param>
    /// <param name="screen">Shows warnings.</param>
    /// <exception cref="GanException">Data: pictures of another shape, unusable ones, or too few.</exception>
    public ImageBytes Read(ReferenceSet real, int max, ulong seed, Screen screen)
    {
        var random = SeedStream.Subsets.Of(seed);
        var (pictures, count) = AreFiles(Path)
            ? FromFiles(real.Name, real.Test.Shape, max, random, screen)
            : NpzFile.Read(Path, real.Test.Shape, max, random);
        if (count > pictures.Count)
            screen.Warn($"{Path} holds {count:N0} pictures: {pictures.Count:N0} of them are evaluated, picked at random; see --count.");
        return pictures.Count >= real.FewestPictures ? pictures : throw new GanException(
            ExitCode.Data, $"{Path} holds {Plural.Of(pictures.Count, "picture")}, and {real.FewestPictures} are needed. Make more.");
    }

    private (ImageBytes Pictures, int Count) FromFiles(string set, PictureShape shape, int max, RandomStream random, Screen screen)
    {
        var request = Request with
        {
            Name = Path,
            Pictures = Request.Pictures with { Resolution = shape.Width, Channels = shape.Channels == 1 ? "1" : "3" },
        };
        using var tree = PictureTree.Open(Path);
        var all = PictureListing.Of(tree);
        var listing = all with { Labels = null, Classes = null };
        bool drawsFiles = all.Files.Count > max && !request.SkipBadFiles; // where some may be unusable, pictures are drawn
        if (drawsFiles)
        {
            var order = new int[all.Files.Count];
            random.Shuffle(order);
            listing = listing with { Files = [.. order.Take(max).Select(i => all.Files[i])] };
        }
        var reading = PictureFolder.Read(request, tree, listing);
        var pictures = reading.ToSet(request);
        string[] passedOver = PictureFolder.PassedOver(listing, request.ListsAll);
        foreach (string warning in passedOver.Concat(PictureFolder.WarningsOf(request, listing, pictures)))
            screen.Warn(warning);
        if (!Resize)
            RequireShape(set, shape, reading);
        return (pictures.Images.Bytes.Subsample(max, random), drawsFiles ? all.Files.Count : pictures.Images.Count);
    }

    // grey may be stored as colour, and the other way round nothing is lost
    private void RequireShape(string set, PictureShape shape, PictureReading reading)
    {
        string[] others = [.. reading.Found.Zip(reading.Listing.Files)
            .Where(pair => pair.First.Fault is null && ((pair.First.Height, pair.First.Width) != (shape.Height, shape.Width)
                || (shape.Channels == 1 && pair.First.IsColour)))
            .Select(pair => $"{pair.Second.Path} is {new PictureShape(pair.First.Height, pair.First.Width, pair.First.IsColour ? 3 : 1)}")];
        if (others.Length > 0)
        {
            throw new GanException(
                ExitCode.Data,
                $"{others.Length:N0} of the {Plural.Of(reading.Found.Length, "picture")} in {Path} aren't {shape}, as those of {set} are: "
                + $"{others[0]}. Make them anew, or have them cropped and scaled with --resize.");
        }
    }
}

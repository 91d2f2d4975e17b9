using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Pictures of another program, to be compared with a data set: an array of NumPy's, or a folder of picture files.</summary>
/// <param name="Path">The .npz file or the folder.</param>
internal sealed record GivenPictures(string Path)
{
    private const int MaxFromFile = 100_000;
    private const int ListedFaults = 5;

    /// <summary>Whether to skip unusable files of a folder; otherwise they are an error.</summary>
    public bool SkipBadFiles { get; init; }

    /// <summary>Whether to crop and scale pictures of a folder that are of another size; otherwise they are an error.</summary>
    public bool Resize { get; init; }

    /// <summary>Threads that read pictures.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Reads the pictures, or of more of them as many as asked for, drawn at random.</summary>
    /// <param name="real">The data set.</param>
    /// <param name="max">The most pictures.</param>
    /// <param name="seed">The seed of the draw.</param>
    /// <param name="screen">Shows warnings.</param>
    /// <exception cref="GanException">Data: pictures of another shape, unusable ones, or too few.</exception>
    public ImageBytes Read(ReferenceSet real, int max, ulong seed, Screen screen)
    {
        var random = SeedStream.Subsets.Of(seed);
        var (pictures, count) = Directory.Exists(Path)
            ? FromFolder(real.Name, real.Test.Shape, max, random, screen)
            : FromArray(real.Test.Shape, max, random);
        if (count > max)
            screen.Warn($"{Path} holds {count:N0} pictures: {max:N0} of them are evaluated, picked at random; see --count.");
        return pictures.Count >= real.FewestPictures ? pictures : throw new GanException(
            ExitCode.Data, $"{Path} holds {Plural.Of(pictures.Count, "picture")}, and {real.FewestPictures} are needed. Make more.");
    }

    private (ImageBytes Pictures, int Count) FromArray(PictureShape shape, int max, RandomStream random)
    {
        var pictures = NpzFile.Read(Path, shape, MaxFromFile);
        return (pictures.Subsample(max, random), pictures.Count);
    }

    private (ImageBytes Pictures, int Count) FromFolder(
        string set, PictureShape shape, int max, RandomStream random, Screen screen)
    {
        string[] all = Files();
        int[] order = [.. Enumerable.Range(0, all.Length)];
        if (all.Length > max)
            random.Shuffle(order);
        string[] files = [.. order.Take(max).Select(i => all[i])];
        var read = new Picture[files.Length];
        Parallel.For(
            0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i => read[i] = Read(files[i], shape));
        string[] bad = [.. read.Select(picture => picture.Fault).OfType<string>()];
        if (bad.Length > 0)
        {
            string unusable = $"{bad.Length:N0} of the {files.Length:N0} pictures in {Path} can't be used";
            string faults = string.Concat(bad.Take(ListedFaults).Select(fault => $"\n  {fault}"));
            if (!SkipBadFiles)
                throw new GanException(ExitCode.Data, $"{unusable}. Remove them, or skip them with --skip-bad-files:{faults}");
            screen.Warn($"{unusable}, and --skip-bad-files skips them:{faults}");
        }
        string[] others = [.. read.Select(picture => picture.Other).OfType<string>()];
        if (others.Length > 0 && !Resize)
        {
            throw new GanException(
                ExitCode.Data,
                $"{others.Length:N0} of the {files.Length:N0} pictures in {Path} aren't {shape}, as those of {set} are: {others[0]}. Make "
                + "them anew, or have them cropped and scaled with --resize.");
        }
        byte[][] good = [.. read.Select(picture => picture.Pixels).OfType<byte[]>()];
        var pixels = new byte[good.Length * shape.Length];
        for (int i = 0; i < good.Length; i++)
            good[i].CopyTo(pixels, i * shape.Length);
        return (new ImageBytes(shape, pixels), all.Length);
    }

    private string[] Files()
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
                    .Where(PictureFolder.HasPictureEnding).Order(StringComparer.Ordinal)
            ];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(
                ExitCode.Data, $"{Path} can't be read: {fault.Message.TrimEnd('.')}. Check the folder and its permissions.", fault);
        }
    }

    // grey may be stored as colour, and the other way round nothing is lost
    private static Picture Read(string file, PictureShape shape)
    {
        try
        {
            var (image, _) = ImageFiles.Read(file);
            bool fits = (image.Height, image.Width) == (shape.Height, shape.Width)
                && (shape.Channels == 3 || !CentreCrop.IsColour(image));
            return new Picture(CentreCrop.Resize(image, shape), fits ? null : $"{file} is {image.Shape}", null);
        }
        catch (GanException fault)
        {
            return new Picture(null, null, fault.Message);
        }
    }

    // Pixels: of the data set's shape; Other: what the picture was, if it was of another shape; Fault: why it can't be used
    private sealed record Picture(byte[]? Pixels, string? Other, string? Fault);
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// A folder of PNG files as a data set. Files with a picture's ending count, in the ordinal order of their names, those of subfolders
/// don't. Each is cut to its central square and scaled to 28x28 grey, or to 32x32 colour where more than half of the readable ones
/// have colour.
/// </summary>
public static class PictureFolder
{
    /// <summary>What `ImageSet.Name` and the names of runs say.</summary>
    public const string Name = "pictures";

    private const int Listed = 5;

    private static readonly PictureShape GreyShape = MnistFiles.Shape, ColourShape = Cifar10Files.Shape;

    // Pictures of another format can't be read, but would be missed in silence if they weren't looked at.
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="skipBad">Whether to go on, with a warning, without the files that can't be used.</param>
    /// <param name="threads">Threads that read; 0: one a core.</param>
    /// <param name="cancel">Ends the reading early.</param>
    /// <exception cref="GanException">Data: no pictures, none of use, or some of no use and <paramref name="skipBad"/> is false.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static (ImageSet Images, IReadOnlyList<string> Warnings) Load(
        string folder, bool skipBad = false, int threads = 0, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        string path = Path.GetFullPath(folder);
        string[] files = Files(path);
        if (files.Length == 0)
        {
            throw new GanException(ExitCode.Data,
                $"{path} holds no PNG pictures (subfolders don't count). Put some there, 8-bit grey or RGB, or name another folder.");
        }
        var read = new Picture[files.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1, CancellationToken = cancel };
        Parallel.For(0, files.Length, options, i => read[i] = Read(files[i]));

        var bad = read.Where(picture => picture.Fault is not null).ToList();
        var good = read.Where(picture => picture.Fault is null).ToList();
        if (good.Count == 0)
            throw new GanException(ExitCode.Data, $"None of the {files.Length:N0} pictures in {path} can be used. Put 8-bit grey or RGB PNG files there:{List(bad, path)}");
        if (bad.Count == 0)
            return (Set(path, good), []);
        string some = $"{bad.Count:N0} of the {files.Length:N0} pictures in {path} can't be used";
        if (!skipBad)
            throw new GanException(ExitCode.Data, $"{some}. Mend or remove them, or leave them out with --skip-bad-files:{List(bad, path)}");
        return (Set(path, good), [$"{some} and {(bad.Count == 1 ? "is" : "are")} left out:{List(bad, path)}"]);
    }

    private static string[] Files(string path)
    {
        try
        {
            return [.. Directory.EnumerateFiles(path).Where(HasPictureEnding).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}. Check the folder and its permissions.", fault);
        }
    }

    private static bool HasPictureEnding(string file) => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    // Which of the two is needed is known only after the last file.
    private static Picture Read(string file)
    {
        try
        {
            var image = Png.Read(file);
            bool isColour = CentreCrop.IsColour(image);
            return new Picture(
                CentreCrop.Resize(image, GreyShape), CentreCrop.Resize(image, ColourShape with { Channels = isColour ? 3 : 1 }), isColour, null);
        }
        catch (GanException fault)
        {
            return new Picture([], [], false, fault.Message);
        }
    }

    private static ImageSet Set(string path, List<Picture> pictures)
    {
        bool colour = 2 * pictures.Count(picture => picture.IsColour) > pictures.Count;
        var shape = colour ? ColourShape : GreyShape;
        int length = shape.Length;
        if ((long)pictures.Count * length > Array.MaxLength)
            throw new GanException(ExitCode.Data, $"{path} holds more pictures than the {Array.MaxLength / length:N0} that fit. Use fewer.");
        var pixels = new byte[pictures.Count * length];
        for (int i = 0; i < pictures.Count; i++)
        {
            var to = pixels.AsSpan(i * length, length);
            if (!colour)
                pictures[i].Grey.CopyTo(to);
            else if (pictures[i].IsColour)
                pictures[i].Large.CopyTo(to);
            else
                Spread(pictures[i].Large, to);
        }
        return new ImageSet(Name, path, pictures.Count, shape, pixels, null);
    }

    private static void Spread(byte[] grey, Span<byte> colour)
    {
        for (int i = 0; i < grey.Length; i++)
            colour.Slice(3 * i, 3).Fill(grey[i]);
    }

    private static string List(List<Picture> bad, string path)
    {
        string before = path.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        string lines = string.Concat(bad.Take(Listed).Select(picture => $"\n  {picture.Fault!.Replace(before, "", StringComparison.Ordinal)}"));
        return bad.Count > Listed ? $"{lines}\n  and {bad.Count - Listed:N0} more." : lines;
    }

    // Grey: [28,28]; Large: [32,32,3], or [32,32] of a grey one
    private sealed record Picture(byte[] Grey, byte[] Large, bool IsColour, string? Fault);
}

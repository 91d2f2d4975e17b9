using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// Reads a folder of pictures as a data set: all files with the ending of a picture, in the ordinal order of their names, without
/// subfolders. Each is cropped to its central square and resized to 28x28 grey, or to 32x32 colour if more than half of the usable ones
/// have colour.
/// </summary>
public static class PictureFolder
{
    /// <summary>The name of such a set, and of its runs.</summary>
    public const string Name = "pictures";

    private const int ListedFaults = 5;

    private static readonly PictureShape GreyShape = MnistFiles.Shape, ColourShape = Cifar10Files.Shape;

    // pictures of other kinds can't be read, and are not ignored silently
    private static readonly string[] Endings =
        [".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif"];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="skipBad">Whether to skip unusable files, with a warning.</param>
    /// <param name="threads">Threads that read; 0: one for each core.</param>
    /// <param name="cancel">Cancels reading.</param>
    /// <exception cref="GanException">Data: no usable pictures, or an unusable one that isn't skipped.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static (ImageSet Images, IReadOnlyList<string> Warnings) Load(
        string folder, bool skipBad = false, int threads = 0, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        string path = Path.GetFullPath(folder);
        string[] files = Files(path);
        if (files.Length == 0)
        {
            throw new GanException(
                ExitCode.Data,
                $"{path} holds no pictures (subfolders don't count). Put some there, PNG, JPEG, BMP or WebP, or name another folder.");
        }
        var pictures = new Picture[files.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1, CancellationToken = cancel };
        Parallel.For(0, files.Length, options, i => pictures[i] = Read(files[i]));

        var good = pictures.Where(picture => picture.Fault is null).ToList();
        int clear = good.Count(picture => picture.HadAlpha);
        string have = clear == 1 ? "has" : "have";
        string[] notes = clear == 0
            ? []
            : [$"{clear:N0} of the {good.Count:N0} pictures in {path} {have} transparent parts, which become black."];
        if (good.Count == files.Length)
            return (Set(path, good), notes);
        string unusable = $"{files.Length - good.Count:N0} of the {files.Length:N0} pictures in {path} can't be used";
        string faults = ListFaults(pictures, path);
        if (good.Count == 0)
            throw new GanException(ExitCode.Data, $"{unusable}. Put PNG, JPEG, BMP or WebP files there:{faults}");
        if (!skipBad)
            throw new GanException(ExitCode.Data, $"{unusable}. Repair or remove them, or skip them with --skip-bad-files:{faults}");
        return (Set(path, good), [$"{unusable}, and --skip-bad-files skips them:{faults}", .. notes]);
    }

    private static string[] Files(string path)
    {
        try
        {
            return [.. Directory.EnumerateFiles(path).Where(HasPictureEnding).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(
                ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}. Check the folder and its permissions.", fault);
        }
    }

    /// <summary>Whether a file's name ends as that of a picture.</summary>
    internal static bool HasPictureEnding(string file) => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    // in both shapes: the last file decides which one is needed
    private static Picture Read(string file)
    {
        try
        {
            var (image, hadAlpha) = ImageFiles.Read(file);
            bool isColour = CentreCrop.IsColour(image);
            var large = ColourShape with { Channels = isColour ? 3 : 1 };
            return new Picture(CentreCrop.Resize(image, GreyShape), CentreCrop.Resize(image, large), isColour, hadAlpha, null);
        }
        catch (GanException fault)
        {
            return new Picture([], [], false, false, fault.Message);
        }
    }

    private static ImageSet Set(string path, List<Picture> pictures)
    {
        bool colour = 2 * pictures.Count(picture => picture.IsColour) > pictures.Count;
        var shape = colour ? ColourShape : GreyShape;
        int length = shape.Length;
        if ((long)pictures.Count * length > Array.MaxLength)
        {
            string most = $"more than the {Array.MaxLength / length:N0} that fit";
            throw new GanException(ExitCode.Data, $"{path} holds {pictures.Count:N0} pictures, {most}. Use fewer.");
        }
        var pixels = new byte[pictures.Count * length];
        for (int i = 0; i < pictures.Count; i++)
        {
            var to = pixels.AsSpan(i * length, length);
            if (!colour)
                pictures[i].Grey.CopyTo(to);
            else if (pictures[i].IsColour)
                pictures[i].Large.CopyTo(to);
            else
                RepeatChannels(pictures[i].Large, to);
        }
        return new ImageSet(Name, path, pictures.Count, shape, pixels, null);
    }

    private static void RepeatChannels(byte[] grey, Span<byte> colour)
    {
        for (int i = 0; i < grey.Length; i++)
            colour.Slice(3 * i, 3).Fill(grey[i]);
    }

    private static string ListFaults(IEnumerable<Picture> pictures, string path)
    {
        string folder = path.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        string[] faults = [.. pictures.Select(picture => picture.Fault?.Replace(folder, "", StringComparison.Ordinal)).OfType<string>()];
        string lines = string.Concat(faults.Take(ListedFaults).Select(fault => $"\n  {fault}"));
        return faults.Length > ListedFaults ? $"{lines}\n  and {faults.Length - ListedFaults:N0} more." : lines;
    }

    // Grey: [28,28]; Large: [32,32,3], or [32,32] of a grey picture
    private sealed record Picture(byte[] Grey, byte[] Large, bool IsColour, bool HadAlpha, string? Fault);
}

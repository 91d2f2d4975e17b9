using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>A published file.</summary>
/// <param name="Stem">The start of its names, such as `train-images`.</param>
/// <param name="Ending">The end of its names, `idx3-ubyte` or `idx1-ubyte`.</param>
/// <param name="Length">Uncompressed bytes.</param>
/// <param name="Sha256">SHA-256 of the uncompressed bytes, in lowercase hexadecimal.</param>
public sealed record PublishedFile(string Stem, string Ending, long Length, string Sha256)
{
    /// <summary>The name on the mirrors.</summary>
    public string GzipName => $"{Stem}-{Ending}.gz";

    /// <summary>The names that are searched, in this order.</summary>
    public IReadOnlyList<string> Names =>
        [$"{Stem}-{Ending}", $"{Stem}.{Ending}", $"{Stem}-{Ending}.gz", $"{Stem}.{Ending}.gz"];
}

/// <summary>The files of a part: pictures and their labels.</summary>
public sealed record MnistPart(PublishedFile Images, PublishedFile Labels)
{
    /// <summary>Both files.</summary>
    public IReadOnlyList<PublishedFile> Files => [Images, Labels];
}

/// <summary>The files of MNIST: names, published hashes, reading.</summary>
public static class MnistFiles
{
    /// <summary>The number of classes.</summary>
    public const int Classes = 10;

    private static readonly string[] FashionClasses =
        ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>The public mirrors of MNIST.</summary>
    public static IReadOnlyList<Uri> Mirrors { get; } =
    [
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
    ];

    /// <summary>The shape of a picture.</summary>
    public static PictureShape Shape => new(28, 28, 1);

    /// <summary>Number of pictures in the training part.</summary>
    public const int TrainingCount = 60_000;

    /// <summary>The training part: 60,000 pictures.</summary>
    public static MnistPart Training { get; } = new(
        new("train-images", "idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        new("train-labels", "idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"));

    /// <summary>The test part: 10,000 pictures.</summary>
    public static MnistPart Test { get; } = new(
        new("t10k-images", "idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        new("t10k-labels", "idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    /// <summary>Finds a file in a folder under the first of its names, or gives null.</summary>
    public static string? Find(string folder, PublishedFile file) =>
        file.Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The files of a part that a folder lacks.</summary>
    public static IReadOnlyList<PublishedFile> Missing(string folder, MnistPart part) =>
        [.. part.Files.Where(file => Find(folder, file) is null)];

    /// <summary>Reads a part from a folder. Content other than the published one is a warning.</summary>
    /// <exception cref="GanException">Data: a file is missing or damaged, or the counts differ.</exception>
    public static (ImageSet Images, IReadOnlyList<string> Warnings) Load(string folder, MnistPart part)
    {
        var (set, images, labels) = Read(folder, part, "mnist", "MNIST");
        return (set, [.. HashWarnings(folder, part.Images, images), .. HashWarnings(folder, part.Labels, labels)]);
    }

    /// <summary>Reads Fashion-MNIST, whose files have the names of MNIST's. Its hashes are not checked.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="part">The part of MNIST with the same file names.</param>
    /// <exception cref="GanException">Data: a file is missing or damaged, the counts differ, or the files are MNIST's.</exception>
    public static ImageSet LoadFashion(string folder, MnistPart part)
    {
        var (set, images, _) = Read(folder, part, "fashion-mnist", "Fashion-MNIST", FashionClasses);
        return images == part.Images.Sha256
            ? throw new GanException(
                ExitCode.Data,
                $"{Find(folder, part.Images)} holds MNIST's digits, not Fashion-MNIST. Put its files into a folder of their own.")
            : set;
    }

    /// <summary>Lists the names of files.</summary>
    internal static string NamesOf(IReadOnlyList<PublishedFile> files) => string.Join(" and ", files.Select(file => file.Names[0]));

    private static (ImageSet Images, string ImagesHash, string LabelsHash) Read(
        string folder, MnistPart part, string name, string title, string[]? classes = null)
    {
        if (Missing(folder, part) is { Count: > 0 } missing)
            throw new GanException(ExitCode.Data, $"{folder} lacks {NamesOf(missing)} of {title}. Put the missing there, plain or as .gz.");
        string imagesPath = Find(folder, part.Images)!, labelsPath = Find(folder, part.Labels)!;
        var images = IdxFile.ReadImages(imagesPath);
        var labels = IdxFile.ReadLabels(labelsPath);
        int[] sizes = images.Dimensions;
        if (sizes[1] != Shape.Height || sizes[2] != Shape.Width)
        {
            throw new GanException(
                ExitCode.Data,
                $"{imagesPath}: its pictures are {sizes[1]}x{sizes[2]}; {title}'s are {Shape.Height}x{Shape.Width}. "
                + $"Put {title}'s own file in its place.");
        }
        if (labels.Dimensions[0] != sizes[0])
        {
            throw new GanException(
                ExitCode.Data,
                $"{labelsPath} holds {labels.Dimensions[0]:N0} labels, but {imagesPath} holds {sizes[0]:N0} pictures; expected a label for "
                + "each picture. Put two files of one set there.");
        }
        if (labels.Values.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9) is >= 0 and var at)
        {
            throw new GanException(
                ExitCode.Data,
                $"{labelsPath}: label {at:N0} is {labels.Values[at]}; expected 0 to 9. Put {title}'s own file in its place.");
        }
        var set = new ImageSet(name, folder, sizes[0], Shape, images.Values, labels.Values, classes);
        return (set, images.Sha256, labels.Sha256);
    }

    private static IEnumerable<string> HashWarnings(string folder, PublishedFile file, string sha256)
    {
        if (sha256 != file.Sha256)
        {
            yield return $"{Find(folder, file)} is not the published MNIST file: its SHA-256 is {sha256}, not {file.Sha256}. "
                + "It is used as it is; get the file again if it should be MNIST.";
        }
    }
}

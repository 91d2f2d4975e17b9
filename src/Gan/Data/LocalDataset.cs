using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>A data set of files that the user has to get; nothing is downloaded.</summary>
/// <param name="Name">The name on the command line, and of its folder in the search path.</param>
/// <param name="Title">The name in sentences.</param>
/// <param name="Content">The pictures, for `gan data`.</param>
/// <param name="Source">How to get the files, as the start of a sentence: "Get a and b from c, and put them".</param>
/// <param name="Shape">The shape of each picture.</param>
internal sealed record LocalDataset(string Name, string Title, string Content, string Source, PictureShape Shape)
{
    /// <summary>Fashion-MNIST. Its hashes aren't checked, but MNIST under the same file names is recognised.</summary>
    public static LocalDataset Fashion { get; } = new(
        "fashion-mnist", "Fashion-MNIST", "60,000 pieces of clothing of Fashion-MNIST, 28x28 grey, labelled",
        $"Get {MnistFiles.Training.Images.GzipName} and {MnistFiles.Training.Labels.GzipName} from data/fashion of "
            + "github.com/zalandoresearch/fashion-mnist, and put them, plain or as .gz,",
        MnistFiles.Shape)
    {
        Missing = folder =>
            MnistFiles.Missing(folder, MnistFiles.Training) is { Count: > 0 } missing ? MnistFiles.NamesOf(missing) : null,
        Load = (folder, part) => (MnistFiles.LoadFashion(folder, part), []),
        Status = images => "Complete.",
    };

    /// <summary>CIFAR-10.</summary>
    public static LocalDataset Cifar10 { get; } = Cifar(
        Cifar10Files.Files, "50,000 small photographs of ten kinds, 32x32 colour, labelled", "170 MB");

    /// <summary>CIFAR-100.</summary>
    public static LocalDataset Cifar100 { get; } = Cifar(
        Cifar100Files.Files, "50,000 small photographs of a hundred kinds, 32x32 colour, labelled", "169 MB");

    /// <summary>All local data sets.</summary>
    public static IReadOnlyList<LocalDataset> All { get; } = [Fashion, Cifar10, Cifar100];

    /// <summary>Names the files that a folder lacks, or gives null.</summary>
    public required Func<string, string?> Missing { get; init; }

    /// <summary>Reads the files of a folder, and gives warnings; the part is MNIST's, for Fashion-MNIST.</summary>
    public required Func<string, MnistPart, (ImageSet Images, IReadOnlyList<string> Warnings)> Load { get; init; }

    /// <summary>A sentence of `gan data` about the pictures of a folder.</summary>
    public required Func<ImageSet, string> Status { get; init; }

    /// <summary>Finds a data set by name, or gives null.</summary>
    public static LocalDataset? Find(string? name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>
    /// The folders in the order of the search, each with its name: first those named after the set, then that of GAN_DATA_DIR itself, which
    /// may hold MNIST's files of the same names.
    /// </summary>
    public IReadOnlyList<(string Folder, string Name)> Folders(SearchPath searchPath)
    {
        (string, string) cache = (CacheFolder(searchPath), "the cache");
        return searchPath.Variable is not { } variable
            ? [cache]
            : [(Path.Combine(variable, Name), "GAN_DATA_DIR"), cache, (variable, "GAN_DATA_DIR")];
    }

    /// <summary>Says how to get the data set.</summary>
    public string HowToGet(SearchPath searchPath) =>
        $"{Source} into {CacheFolder(searchPath)}, or into a folder of your own that --data-dir or GAN_DATA_DIR names.";

    private string CacheFolder(SearchPath searchPath) => Path.Combine(searchPath.Cache, Name);

    private static LocalDataset Cifar(CifarFiles files, string content, string size) => new(
        files.Name, files.Title, content,
        $"Get {files.Archive}.tar.gz ({size}) from https://www.cs.toronto.edu/~kriz/, and put it, as it is or unpacked,",
        CifarFiles.Shape)
    {
        Missing = folder => files.Find(folder).Count > 0 ? null : files.TrainingNames,
        Load = (folder, _) => files.Load(folder),
        Status = images => images.Count == CifarFiles.TrainingCount
            ? "Complete."
            : $"Usable, with {images.Count:N0} of {CifarFiles.TrainingCount:N0} pictures.",
    };
}

using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>A data set that is read from files which the user has put somewhere; nothing is downloaded.</summary>
/// <param name="Name">On the command line, and the folder of its own in the usual places.</param>
/// <param name="Title">In sentences.</param>
/// <param name="What">What it holds, for `gan data`.</param>
/// <param name="Source">Which files to get where, as a sentence begins: "Get a and b from c".</param>
/// <param name="Shape">The shape of each picture.</param>
internal sealed record LocalDataset(string Name, string Title, string What, string Source, PictureShape Shape)
{
    /// <summary>Fashion-MNIST. Its hashes aren't checked, but MNIST itself under the same file names is told from it.</summary>
    public static LocalDataset Fashion { get; } = new(
        "fashion-mnist", "Fashion-MNIST", "60,000 pieces of clothing of Fashion-MNIST, 28x28 grey, labelled",
        $"Get {MnistFiles.Training.Images.GzipName} and {MnistFiles.Training.Labels.GzipName} from data/fashion of github.com/zalandoresearch/fashion-mnist",
        MnistFiles.Shape)
    {
        Missing = folder => MnistFiles.Missing(folder, MnistFiles.Training) is { Count: > 0 } missing ? MnistFiles.NameAll(missing) : null,
        Load = MnistFiles.LoadFashion,
        Found = images => "Complete.",
    };

    /// <summary>CIFAR-10.</summary>
    public static LocalDataset Cifar10 { get; } = new(
        "cifar10", "CIFAR-10", "50,000 small photographs of ten kinds, 32x32 colour, labelled",
        "Get cifar-10-binary.tar.gz (170 MB) from https://www.cs.toronto.edu/~kriz/, unpack it",
        Cifar10Files.Shape)
    {
        Missing = folder => Cifar10Files.Find(folder).Count > 0 ? null : "data_batch_1.bin to data_batch_5.bin",
        Load = (folder, _) => Cifar10Files.Load(folder),
        Found = images => images.Count == Cifar10Files.TrainingCount
            ? "Complete."
            : $"Usable, with {images.Count:N0} of {Cifar10Files.TrainingCount:N0} pictures.",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LocalDataset> All { get; } = [Fashion, Cifar10];

    /// <summary>What a folder lacks, as text, or null.</summary>
    public required Func<string, string?> Missing { get; init; }

    /// <summary>Reads a folder; the part is MNIST's, to tell its content from this set's.</summary>
    public required Func<string, MnistPart, ImageSet> Load { get; init; }

    /// <summary>What `gan data` says of the pictures that were found.</summary>
    public required Func<ImageSet, string> Found { get; init; }

    /// <summary>The set with a name, or null.</summary>
    public static LocalDataset? Find(string? name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>
    /// The folders in the order they are searched, and what they are called: those named after the set, then GAN_DATA_DIR itself,
    /// which comes last because MNIST's files, named alike, may be there.
    /// </summary>
    public IReadOnlyList<(string Folder, string Why)> Folders(SearchPath places)
    {
        (string, string) cache = (CacheFolder(places), "the cache");
        return places.Variable is not { } named ? [cache] : [(Path.Combine(named, Name), "GAN_DATA_DIR"), cache, (named, "GAN_DATA_DIR")];
    }

    /// <summary>What a person does to have it.</summary>
    public string HowToGet(SearchPath places) =>
        $"{Source}, and put {(this == Cifar10 ? "data_batch_1.bin to data_batch_5.bin" : "them")} into {CacheFolder(places)}, "
        + "or into a folder of your own that --data-dir or GAN_DATA_DIR names; plain or as .gz.";

    private string CacheFolder(SearchPath places) => Path.Combine(places.Cache, Name);
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>Which data set to open, and with what.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or the path of a folder of PNG pictures.</param>
public sealed record DatasetRequest(string Name)
{
    /// <summary>The one folder that counts, from `--data-dir`; null: the usual places.</summary>
    public string? DataDir { get; init; }

    /// <summary>The usual places.</summary>
    public SearchPath Places { get; init; } = SearchPath.OfThisMachine();

    /// <summary>Fetches what is in none of them.</summary>
    public Downloader Downloader { get; init; } = new();

    /// <summary>Hears how far a download has come.</summary>
    public IProgress<DownloadProgress>? Progress { get; init; }

    /// <summary>Ends a download or the drawing of digits.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>How many digits are drawn, where it comes to that. Fewer are the first of more.</summary>
    public int DigitsCount { get; init; } = Digits.DefaultCount;

    /// <summary>Whether pictures of a folder that can't be used are left out; otherwise they are an error.</summary>
    public bool SkipBadFiles { get; init; }

    /// <summary>Threads that draw digits or read pictures; 0: one a core.</summary>
    public int Threads { get; init; }

    /// <summary>The part of MNIST that is opened.</summary>
    public MnistPart Part { get; init; } = MnistFiles.Training;
}

/// <summary>A data set, ready to train on.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Sentence">Which set it is, and why this one.</param>
/// <param name="Warnings">What the user should know of it, a sentence or two each.</param>
public sealed record OpenedDataset(ImageSet Images, string Sentence, IReadOnlyList<string> Warnings);

/// <summary>Opens data sets by name: finds their files, fetches them, or draws the built-in set.</summary>
public static class Datasets
{
    /// <summary>The names that `Open` takes; a folder's path is as good.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "mnist", "fashion-mnist", "cifar10", "digits"];

    /// <summary>
    /// Opens a data set. `mnist` is looked for in DataDir alone where that is given, otherwise in the usual places and then on the mirrors;
    /// `auto` is `mnist`, or `digits` where there is no DataDir and MNIST can't be had. `fashion-mnist` and `cifar10` are looked for in the
    /// same way, but never downloaded. What is none of the names is the path of a folder of pictures.
    /// </summary>
    /// <exception cref="GanException">Usage: an unknown name. Data: files missing, damaged, of no use, or not to be had.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OpenedDataset Open(DatasetRequest request)
    {
        switch (request.Name)
        {
            case "digits":
                return DrawDigits(request, "as asked for", DigitsWarnings(request.DataDir));
            case "auto" or "mnist":
                return request.DataDir is { } folder ? OpenFolder(request, folder) : OpenUsual(request);
            case var name when LocalDataset.Find(name) is { } kept:
                return OpenKept(request, kept);
            default:
                return OpenPictures(request);
        }
    }

    /// <summary>Refuses what is neither a known name nor a folder's path.</summary>
    /// <exception cref="GanException">Usage: an unknown name. Data: a path that leads to no folder.</exception>
    public static void Check(string name)
    {
        if (Names.Contains(name) || Directory.Exists(name))
            return;
        if (File.Exists(name))
            throw new GanException(ExitCode.Data, $"--dataset '{name}' is a file. Name the folder that holds the PNG pictures.");
        if (name.Contains('/') || name.Contains(Path.DirectorySeparatorChar))
            throw new GanException(ExitCode.Data, $"--dataset '{name}': there is no such folder. Name one that holds PNG pictures, or a data set.");
        throw new GanException(ExitCode.Usage,
            $"There is no data set '{name}', nor a folder of that name. {Suggestion.For(name, Names)}"
            + $"Known are {string.Join(", ", Names)}, or a folder of PNG pictures; `gan data` describes them.");
    }

    /// <summary>The shape of a set's pictures, or null for a folder, whose pictures decide it.</summary>
    public static PictureShape? ShapeOf(string name) =>
        !Names.Contains(name) ? null : LocalDataset.Find(name)?.Shape ?? MnistFiles.Shape;

    private static OpenedDataset OpenFolder(DatasetRequest request, string folder)
    {
        string path = DataDir(folder, FilesOf(request.Part));
        if (MnistFiles.Missing(path, request.Part) is { Count: > 0 } missing)
        {
            throw new GanException(ExitCode.Data,
                $"--data-dir {path} lacks {MnistFiles.NameAll(missing)} of MNIST, and nothing is downloaded into it. "
                + "Put the missing there, plain or as .gz, or leave --data-dir out.");
        }
        return Load(request, path, "--data-dir", []);
    }

    private static OpenedDataset OpenKept(DatasetRequest request, LocalDataset set)
    {
        request.Cancel.ThrowIfCancellationRequested();
        if (request.DataDir is { } own)
        {
            string path = DataDir(own, $"{set.Title}'s files");
            return set.Missing(path) is { } missing
                ? throw new GanException(ExitCode.Data,
                    $"--data-dir {path} lacks {missing} of {set.Title}, and nothing is downloaded. {set.HowToGet(request.Places)}")
                : LoadKept(request, set, path, "--data-dir", []);
        }
        var folders = set.Folders(request.Places);
        foreach (var (folder, why) in folders)
        {
            if (set.Missing(folder) is null)
                return LoadKept(request, set, folder, why, PassedOver(request.Places));
        }
        string looked = string.Join(", ", folders.Select(place => place.Folder));
        throw new GanException(ExitCode.Data, $"{set.Title} is not in {looked}, and it isn't downloaded. {set.HowToGet(request.Places)}");
    }

    private static OpenedDataset LoadKept(
        DatasetRequest request, LocalDataset set, string folder, string why, IReadOnlyList<string> warnings)
    {
        var images = set.Load(folder, request.Part);
        return new OpenedDataset(images, $"{set.Title}, {images.Count:N0} pictures from {images.Where} ({why}).", warnings);
    }

    private static OpenedDataset OpenPictures(DatasetRequest request)
    {
        Check(request.Name);
        var (images, bad) = PictureFolder.Load(request.Name, request.SkipBadFiles, request.Threads, request.Cancel);
        string[] unused = request.DataDir is null ? [] : ["--data-dir is not used: --dataset names the folder of pictures."];
        return new OpenedDataset(
            images, $"{images.Count:N0} pictures from {images.Where}, as {images.Shape}.", [.. unused, .. bad]);
    }

    // --data-dir as a full path
    private static string DataDir(string folder, string files)
    {
        string path = folder.Length == 0 ? "" : Path.GetFullPath(folder);
        string? fault = path.Length == 0 ? "is empty" : File.Exists(path) ? "is a file" : !Directory.Exists(path) ? "doesn't exist" : null;
        return fault is null ? path : throw new GanException(ExitCode.Data, $"--data-dir '{folder}' {fault}. Name the folder that holds {files}.");
    }

    private static OpenedDataset OpenUsual(DatasetRequest request)
    {
        var (found, why, warnings) = FindMnist(request.Places, request.Part);
        if (found is not null)
            return Load(request, found, why, warnings);
        string target = request.Places.DownloadFolder;
        try
        {
            bool hurried = request.Name == "auto";
            request.Downloader.FetchAsync(request.Part.Files, target, request.Progress, hurried, request.Cancel).GetAwaiter().GetResult();
        }
        catch (GanException fault) when (request.Name == "auto")
        {
            return DrawDigits(request, $"because MNIST is in none of the usual places and {Inner(fault)}", warnings);
        }
        catch (GanException fault)
        {
            string looked = string.Join(", ", request.Places.Folders.Select(place => place.Folder));
            throw new GanException(ExitCode.Data, $"MNIST is not in {looked}, and {Inner(fault)}. {HowToGetMnist(request.Places)}", fault);
        }
        return Load(request, target, "downloaded", warnings);
    }

    private static OpenedDataset Load(DatasetRequest request, string folder, string why, IReadOnlyList<string> warnings)
    {
        request.Cancel.ThrowIfCancellationRequested();
        var (images, more) = MnistFiles.Load(folder, request.Part);
        return new OpenedDataset(images, $"MNIST, {Plural.Of(images.Count, "picture")} from {folder} ({why}).", [.. warnings, .. more]);
    }

    private static OpenedDataset DrawDigits(DatasetRequest request, string why, IReadOnlyList<string> warnings)
    {
        var images = Digits.Draw(request.DigitsCount, threads: request.Threads, cancel: request.Cancel);
        return new OpenedDataset(images, $"The built-in digits, {Plural.Of(images.Count, "picture")} drawn by the program, {why}.", warnings);
    }

    /// <summary>The first of the usual places that holds a part of MNIST whole, or null, and what it is called; warnings of those passed over.</summary>
    internal static (string? Folder, string Why, IReadOnlyList<string> Warnings) FindMnist(SearchPath places, MnistPart part)
    {
        var warnings = PassedOver(places).ToList();
        foreach (var (folder, why) in places.Folders)
        {
            var missing = MnistFiles.Missing(folder, part);
            if (missing.Count == 0)
                return (folder, why, warnings);
            // What a download that broke off left is no stray part: the rest is fetched.
            if (missing.Count < part.Files.Count && folder != places.DownloadFolder)
                warnings.Add($"{folder} holds only a part of MNIST ({MnistFiles.NameAll(missing)} not there); it is passed over.");
        }
        return (null, "", warnings);
    }

    private static IReadOnlyList<string> PassedOver(SearchPath places) => places.Variable is { } named && !Directory.Exists(named)
        ? [$"GAN_DATA_DIR names {named}, which is no folder; it is passed over."]
        : [];

    /// <summary>What the user should know of asking for digits.</summary>
    internal static IReadOnlyList<string> DigitsWarnings(string? dataDir) =>
        dataDir is null ? [] : ["--data-dir is not used: digits is drawn by the program and needs no files."];

    /// <summary>What a person does to have MNIST.</summary>
    internal static string HowToGetMnist(SearchPath places) =>
        $"Get {MnistFiles.Training.Images.GzipName} and {MnistFiles.Training.Labels.GzipName} from {Downloader.PublicMirrors[0]} "
        + $"and put them into {places.DownloadFolder}, or into a folder of your own that --data-dir or GAN_DATA_DIR names.";

    private static string FilesOf(MnistPart part) => MnistFiles.NameAll(part.Files);

    private static string Inner(GanException fault) => fault.Message.TrimEnd('.');
}

using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>Opens data sets by name: finds their files, downloads them, or draws the built-in set.</summary>
public static class Datasets
{
    /// <summary>The names of data sets; <see cref="Open"/> also takes the path of a folder.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "mnist", "fashion-mnist", "cifar10", "cifar100", "digits"];

    /// <summary>
    /// Opens a data set. `mnist` is searched in DataDir alone if there is one, otherwise in the search path, and then downloaded. `auto` is
    /// `mnist`, or `digits` if there is no DataDir and MNIST can't be had. `fashion-mnist`, `cifar10` and `cifar100` are never
    /// downloaded. Any other name is the path of a folder of pictures.
    /// </summary>
    /// <exception cref="GanException">Usage: an unknown name. Data: missing or damaged files.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OpenedDataset Open(DatasetRequest request)
    {
        var opened = request.Name switch
        {
            "digits" => DrawDigits(request, "as asked for", DigitsWarnings(request.DataDir)),
            "auto" or "mnist" => request.DataDir is { } folder ? OpenMnist(request, folder) : FindOrDownloadMnist(request),
            var name when LocalDataset.Find(name) is { } set => OpenLocal(request, set),
            _ => OpenPictures(request),
        };
        var images = request.Pictures.Of(opened.Images, request.Threads);
        return images == opened.Images
            ? opened
            : opened with { Images = images, Description = $"{opened.Description.TrimEnd('.')}, as {images.Shape}." };
    }

    /// <summary>Checks that a name is a known one or the path of a folder.</summary>
    /// <exception cref="GanException">Usage: an unknown name. Data: a path of no folder.</exception>
    public static void Check(string name)
    {
        if (Names.Contains(name) || Directory.Exists(name))
            return;
        if (File.Exists(name))
        {
            if (IsArchive(name))
                return;
            throw new GanException(
                ExitCode.Data, $"--dataset '{name}' is no archive. Name a folder that holds pictures, a .zip of them, or a NumPy .npz.");
        }
        if (name.Contains('/') || name.Contains(Path.DirectorySeparatorChar))
        {
            throw new GanException(
                ExitCode.Data, $"--dataset '{name}': there is no such folder or file. Name one that holds pictures, or a data set.");
        }
        throw new GanException(
            ExitCode.Usage,
            $"There is no data set '{name}', nor a folder of that name. {Suggestion.For(name, Names)}"
            + $"Known are {string.Join(", ", Names)}, or a folder of pictures; `gan data` describes them.");
    }

    /// <summary>The shape of a set's pictures, or null for those of files, which decide it.</summary>
    public static PictureShape? ShapeOf(string name, PictureRequest request) =>
        !Names.Contains(name) ? null : request.ShapeOf(LocalDataset.Find(name)?.Shape ?? MnistFiles.Shape);

    /// <summary>Finds the first folder of the search path that holds a part of MNIST, with warnings for skipped folders.</summary>
    internal static (string? Folder, string Name, IReadOnlyList<string> Warnings) FindMnist(SearchPath searchPath, MnistPart part)
    {
        var warnings = SearchPathWarnings(searchPath).ToList();
        foreach (var (folder, name) in searchPath.Folders)
        {
            var missing = MnistFiles.Missing(folder, part);
            if (missing.Count == 0)
                return (folder, name, warnings);
            // an interrupted download is no incomplete set: the rest is downloaded
            if (missing.Count < part.Files.Count && folder != searchPath.DownloadFolder)
                warnings.Add($"{folder} is skipped: it lacks {MnistFiles.NamesOf(missing)} of MNIST.");
        }
        return (null, "", warnings);
    }

    /// <summary>Whether a set's files are searched for, so that `--data-dir` may say where they are.</summary>
    internal static bool IsSearchedFor(string name) => Names.Contains(name) && name != Digits.SetName;

    /// <summary>Warnings about options that `digits` doesn't use.</summary>
    internal static IReadOnlyList<string> DigitsWarnings(string? dataDir) =>
        dataDir is null ? [] : ["--data-dir is not used: digits is drawn by the program and needs no files."];

    /// <summary>Says how to get MNIST.</summary>
    internal static string HowToGetMnist(SearchPath searchPath) =>
        $"Get {MnistFiles.Training.Images.GzipName} and {MnistFiles.Training.Labels.GzipName} from {MnistFiles.Mirrors[0]} "
        + $"and put them into {searchPath.DownloadFolder}, or into a folder of your own that --data-dir or GAN_DATA_DIR names.";

    private static OpenedDataset OpenMnist(DatasetRequest request, string folder)
    {
        string path = FullDataDir(folder, MnistFiles.NamesOf(request.Part.Files));
        if (MnistFiles.Missing(path, request.Part) is { Count: > 0 } missing)
        {
            throw new GanException(
                ExitCode.Data,
                $"--data-dir {path} lacks {MnistFiles.NamesOf(missing)} of MNIST, and nothing is downloaded into it. "
                + "Put the missing there, plain or as .gz, or leave --data-dir out.");
        }
        return LoadMnist(request, path, "--data-dir", []);
    }

    private static OpenedDataset FindOrDownloadMnist(DatasetRequest request)
    {
        var (found, name, warnings) = FindMnist(request.SearchPath, request.Part);
        if (found is not null)
            return LoadMnist(request, found, name, warnings);
        string target = request.SearchPath.DownloadFolder;
        bool auto = request.Name == "auto";
        try
        {
            request.Downloader.FetchAsync(request.Part.Files, target, request.Progress, failFast: auto, request.Cancel)
                .GetAwaiter().GetResult();
        }
        catch (GanException fault) when (auto)
        {
            return DrawDigits(request, $"because MNIST is not in the usual folders and {Clause(fault)}", warnings);
        }
        catch (GanException fault)
        {
            throw new GanException(
                ExitCode.Data,
                $"MNIST is not in {List(request.SearchPath.Folders)}, and {Clause(fault)}. {HowToGetMnist(request.SearchPath)}", fault);
        }
        return LoadMnist(request, target, "downloaded", warnings);
    }

    private static OpenedDataset LoadMnist(DatasetRequest request, string folder, string name, IReadOnlyList<string> warnings)
    {
        request.Cancel.ThrowIfCancellationRequested();
        var (images, more) = MnistFiles.Load(folder, request.Part);
        return new OpenedDataset(images, $"MNIST, {Plural.Of(images.Count, "picture")} from {folder} ({name}).", [.. warnings, .. more]);
    }

    private static OpenedDataset OpenLocal(DatasetRequest request, LocalDataset set)
    {
        request.Cancel.ThrowIfCancellationRequested();
        if (request.DataDir is { } own)
        {
            string path = FullDataDir(own, $"{set.Title}'s files");
            return set.Missing(path) is not { } missing
                ? LoadLocal(request, set, path, "--data-dir", [])
                : throw new GanException(
                    ExitCode.Data,
                    $"--data-dir {path} lacks {missing} of {set.Title}, and nothing is downloaded. {set.HowToGet(request.SearchPath)}");
        }
        var folders = set.Folders(request.SearchPath);
        foreach (var (folder, name) in folders)
        {
            if (set.Missing(folder) is null)
                return LoadLocal(request, set, folder, name, SearchPathWarnings(request.SearchPath));
        }
        throw new GanException(
            ExitCode.Data, $"{set.Title} is not in {List(folders)}, and it isn't downloaded. {set.HowToGet(request.SearchPath)}");
    }

    private static OpenedDataset LoadLocal(
        DatasetRequest request, LocalDataset set, string folder, string name, IReadOnlyList<string> warnings)
    {
        var (images, more) = set.Load(folder, request.Part);
        string sentence = $"{set.Title}, {images.Count:N0} pictures from {images.Where} ({name}).";
        return new OpenedDataset(images, sentence, [.. warnings, .. more]);
    }

    private static OpenedDataset OpenPictures(DatasetRequest request)
    {
        Check(request.Name);
        string[] unused = request.DataDir is null ? [] : ["--data-dir is not used: --dataset names the place of the pictures."];
        if (IsArrays(request.Name))
        {
            var (kept, said, _) = KeptSet.Read(request.Name, Path.GetFullPath(request.Name));
            return new OpenedDataset(kept, DescriptionOf(kept, []), [.. unused, .. said]);
        }
        var (images, notes, warnings) = PictureFolder.Load(request);
        return new OpenedDataset(images, DescriptionOf(images, notes), [.. unused, .. warnings]);
    }

    /// <summary>Tells whether a path is that of an archive of NumPy's.</summary>
    internal static bool IsArrays(string path) =>
        File.Exists(path) && (NpzFile.Holds(path) || path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase));

    private static string DescriptionOf(ImageSet images, IReadOnlyList<string> notes)
    {
        string classes = images.Labels is null ? "" : $", in {Plural.Of(images.Classes!.Count, "class", "classes")}: {ClassCounts(images)}";
        string pictures = $"{Plural.Of(images.Count, "picture")} from {images.Where}, as {images.Shape}{classes}.";
        return string.Join(' ', notes.Prepend(pictures));
    }

    /// <summary>Lists classes with the numbers of their pictures: `cat 20, dog 31`.</summary>
    internal static string ClassCounts(ImageSet images, int most = 10)
    {
        var counts = new int[images.Classes!.Count];
        foreach (byte label in images.Labels!)
            counts[label]++;
        return Plural.Some([.. images.Classes.Zip(counts, (name, count) => $"{name} {count:N0}")], most);
    }

    /// <summary>Tells whether a file is a zip archive, as NumPy's are too.</summary>
    /// <exception cref="GanException">Data: it can't be read.</exception>
    internal static bool IsArchive(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var head = new byte[4];
            return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
                && head is [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6]; // the latter begins an empty one
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(file, fault);
        }
    }

    private static OpenedDataset DrawDigits(DatasetRequest request, string why, IReadOnlyList<string> warnings)
    {
        var images = Digits.Draw(request.DigitsCount, threads: request.Threads, cancel: request.Cancel);
        string sentence = $"The built-in digits, {Plural.Of(images.Count, "picture")} drawn by the program, {why}.";
        return new OpenedDataset(images, sentence, warnings);
    }

    // --data-dir as a full path
    private static string FullDataDir(string folder, string files)
    {
        string path = folder.Length == 0 ? "" : Path.GetFullPath(folder);
        string? fault = path.Length == 0 ? "is empty" : File.Exists(path) ? "is a file" : !Directory.Exists(path) ? "doesn't exist" : null;
        return fault is null
            ? path
            : throw new GanException(ExitCode.Data, $"--data-dir '{folder}' {fault}. Name the folder that holds {files}.");
    }

    private static IReadOnlyList<string> SearchPathWarnings(SearchPath searchPath) =>
        searchPath.Variable is { } variable && !Directory.Exists(variable)
            ? ["GAN_DATA_DIR is skipped: it names no folder."]
            : [];

    private static string List(IReadOnlyList<(string Folder, string Name)> searchPath) =>
        string.Join(", ", searchPath.Select(place => place.Folder));

    // a sentence as part of another one
    private static string Clause(GanException fault) => fault.Message.TrimEnd('.');
}

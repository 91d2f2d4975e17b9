using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Data;

/// <summary>The description of a data set by `gan data`.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Content">The pictures.</param>
/// <param name="Complete">Whether the set can be trained on without a download.</param>
/// <param name="Folder">The folder that holds it, "built in", or null.</param>
/// <param name="State">A sentence: complete, or missing or wrong files.</param>
/// <param name="Searched">The folders of the search, in order; none for a built-in set.</param>
/// <param name="HowToGet">How to get it.</param>
/// <param name="Details">More about one's own pictures, each with a heading.</param>
public sealed record DatasetDescription(
    string Name, string Content, bool Complete, string? Folder, string State, IReadOnlyList<string> Searched, string HowToGet,
    params IReadOnlyList<(string Heading, string Text)> Details)
{
    private const string OwnPictures =
        "your own pictures, PNG, JPEG, BMP or WebP: the central square of each, scaled; subfolders are classes";

    private static IEnumerable<string> Known => Datasets.Names.Where(known => known != "auto");

    /// <summary>Describes all sets, or the one with a name. Files are read to the end.</summary>
    /// <exception cref="GanException">Usage: an unknown name.</exception>
    public static IReadOnlyList<DatasetDescription> Of(SearchPath searchPath, string? name = null) => name switch
    {
        null => [OfMnist(searchPath), .. LocalDataset.All.Select(set => OfLocal(searchPath, set)), OfDigits(), OfPictures()],
        "mnist" => [OfMnist(searchPath)],
        "digits" => [OfDigits()],
        _ when LocalDataset.Find(name) is { } set => [OfLocal(searchPath, set)],
        _ => throw new GanException(
            ExitCode.Usage,
            $"There is no data set '{name}' to describe. {Suggestion.For(name, Known)}Known are {string.Join(", ", Known)}, or a folder of "
            + "pictures."),
    };

    private static DatasetDescription OfPictures() => new(
        "DIR", OwnPictures, false, null, "Any folder, .zip of pictures or NumPy .npz that you name; `gan data DIR` describes it.", [],
        "Put pictures into a folder and name it, such as --dataset ./pictures; --skip-bad-files skips unusable ones.");

    private static DatasetDescription OfLocal(SearchPath searchPath, LocalDataset set)
    {
        string[] folders = [.. set.Folders(searchPath).Select(place => place.Folder)];
        string howToGet = $"It isn't downloaded. {set.HowToGet(searchPath)}";
        string? found = folders.FirstOrDefault(folder => set.Missing(folder) is null);
        if (found is null)
            return new(set.Name, set.Content, false, null, "Not there.", folders, howToGet);
        try
        {
            return new(set.Name, set.Content, true, found, set.Status(set.Load(found, MnistFiles.Training).Images), folders, howToGet);
        }
        catch (GanException fault)
        {
            return new(set.Name, set.Content, false, found, $"Damaged: {fault.Message}", folders, howToGet);
        }
    }

    private static DatasetDescription OfDigits() => new(
        "digits", $"{Digits.DefaultCount:N0} handwritten-looking digits, {Digits.Shape}, drawn by the program, labelled",
        true, "built in", "Complete: drawn when needed.", [], "Nothing to do: it needs no files.");

    private static DatasetDescription OfMnist(SearchPath searchPath)
    {
        const string Content = "60,000 handwritten digits of MNIST, 28x28 grey, labelled";
        string[] folders = [.. searchPath.Folders.Select(place => place.Folder)];
        string howToGet = $"Training downloads it if there is a network. Without one: {Datasets.HowToGetMnist(searchPath)}";
        string? found = folders.FirstOrDefault(folder => MnistFiles.Missing(folder, MnistFiles.Training).Count == 0);
        if (found is null)
            return new("mnist", Content, false, null, IncompleteMnist(folders), folders, howToGet);
        try
        {
            var (_, warnings) = MnistFiles.Load(found, MnistFiles.Training);
            string state = warnings.Count == 0
                ? "Complete: its content is the published one."
                : string.Join(" ", warnings.Prepend("Complete, but:"));
            return new("mnist", Content, true, found, state, folders, howToGet);
        }
        catch (GanException fault)
        {
            return new("mnist", Content, false, found, $"Damaged: {fault.Message}", folders, howToGet);
        }
    }

    // names the file that is missing in folders with one of two
    private static string IncompleteMnist(string[] folders)
    {
        string[] parts = [.. folders
            .Select(folder => (Folder: folder, Missing: MnistFiles.Missing(folder, MnistFiles.Training)))
            .Where(part => part.Missing.Count == 1)
            .Select(part => $"{part.Folder} lacks {MnistFiles.NamesOf(part.Missing)}")];
        return parts.Length == 0 ? "Not there." : $"Incomplete: {string.Join("; ", parts)}.";
    }
}

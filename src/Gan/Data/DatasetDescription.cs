using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Data;

/// <summary>What `gan data` says of a set.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="What">What it holds.</param>
/// <param name="Complete">Whether it can be trained on as it is, without a download.</param>
/// <param name="Where">The folder it is in, "built in", or null where it is in none.</param>
/// <param name="State">A sentence: complete, or what is missing or wrong.</param>
/// <param name="LookedFor">The folders that are searched, in this order; none for a built-in set.</param>
/// <param name="HowToGet">What to do to have it.</param>
public sealed record DatasetDescription(
    string Name, string What, bool Complete, string? Where, string State, IReadOnlyList<string> LookedFor, string HowToGet)
{
    private const string OwnPictures =
        "your own PNG pictures, 8-bit grey or RGB: the central square of each, scaled to 28x28 grey, or to 32x32 colour where most have colour";

    /// <summary>All sets, or the one with a name or in a folder. Files are read to the end, so that "complete" is more than a name.</summary>
    /// <exception cref="GanException">Usage: an unknown name.</exception>
    public static IReadOnlyList<DatasetDescription> Of(SearchPath places, string? name = null) => name switch
    {
        null => [OfMnist(places), .. LocalDataset.All.Select(set => Of(places, set)), OfDigits(), OfAnyFolder()],
        "mnist" => [OfMnist(places)],
        "digits" => [OfDigits()],
        _ when LocalDataset.Find(name) is { } set => [Of(places, set)],
        _ when name != "auto" && Directory.Exists(name) => [OfFolder(name)],
        _ => throw new GanException(ExitCode.Usage,
            $"There is no data set '{name}' to describe. {Suggestion.For(name, Known)}Known are {string.Join(", ", Known)}, or a folder of PNG pictures."),
    };

    private static IEnumerable<string> Known => Datasets.Names.Where(known => known != "auto");

    private static DatasetDescription OfAnyFolder() => new(
        "DIR", OwnPictures, false, null, "Any folder that you name; `gan data DIR` looks into it.", [],
        "Put pictures into a folder and name it, such as --dataset ./pictures; --skip-bad-files leaves out what can't be used.");

    private static DatasetDescription OfFolder(string folder)
    {
        const string HowToGet = "Name it with --dataset; --skip-bad-files leaves out what can't be used.";
        string path = Path.GetFullPath(folder);
        try
        {
            var (images, _) = PictureFolder.Load(path);
            string state = $"Complete: {images.Count:N0} pictures, to be {images.Shape}.";
            return new(folder, OwnPictures, true, path, state, [], HowToGet);
        }
        catch (GanException fault)
        {
            return new(folder, OwnPictures, false, path, $"Not as it is: {fault.Message}", [], HowToGet);
        }
    }

    private static DatasetDescription Of(SearchPath places, LocalDataset set)
    {
        string[] folders = [.. set.Folders(places).Select(place => place.Folder)];
        string howToGet = $"It isn't downloaded. {set.HowToGet(places)}";
        string? found = folders.FirstOrDefault(folder => set.Missing(folder) is null);
        if (found is null)
            return new(set.Name, set.What, false, null, "Not there.", folders, howToGet);
        try
        {
            return new(set.Name, set.What, true, found, set.Found(set.Load(found, MnistFiles.Training)), folders, howToGet);
        }
        catch (GanException fault)
        {
            return new(set.Name, set.What, false, found, $"Damaged: {fault.Message}", folders, howToGet);
        }
    }

    private static DatasetDescription OfDigits() => new(
        "digits",
        $"{Digits.DefaultCount:N0} handwritten-looking digits, {Digits.Shape}, drawn by the program, labelled",
        true, "built in", "Complete: drawn when needed.", [], "Nothing to do: it needs no files.");

    private static DatasetDescription OfMnist(SearchPath places)
    {
        const string What = "60,000 handwritten digits of MNIST, 28x28 grey, labelled";
        string[] folders = [.. places.Folders.Select(place => place.Folder)];
        string howToGet = $"Training downloads it by itself where there is a network. Without one: {Datasets.HowToGetMnist(places)}";
        string? found = folders.FirstOrDefault(folder => MnistFiles.Missing(folder, MnistFiles.Training).Count == 0);
        if (found is null)
        {
            string[] parts = [.. folders.Where(folder => MnistFiles.Missing(folder, MnistFiles.Training).Count == 1)
                .Select(folder => $"{folder} lacks {MnistFiles.NameAll(MnistFiles.Missing(folder, MnistFiles.Training))}")];
            string state = parts.Length == 0 ? "Not there." : $"Incomplete: {string.Join("; ", parts)}.";
            return new("mnist", What, false, null, state, folders, howToGet);
        }
        try
        {
            var (_, warnings) = MnistFiles.Load(found, MnistFiles.Training);
            string state = warnings.Count == 0
                ? "Complete: its content is the published one."
                : string.Join(" ", warnings.Prepend("Complete, but:"));
            return new("mnist", What, true, found, state, folders, howToGet);
        }
        catch (GanException fault)
        {
            return new("mnist", What, false, found, $"Damaged: {fault.Message}", folders, howToGet);
        }
    }
}

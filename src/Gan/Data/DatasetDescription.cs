namespace GanFromScratch.Gan;

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
    /// <summary>All sets, or the one with a name. Files are read to the end, so that "complete" is more than a name.</summary>
    /// <exception cref="GanException">Usage: an unknown name.</exception>
    public static IReadOnlyList<DatasetDescription> Of(DatasetPlaces places, string? name = null) => name switch
    {
        null => [OfMnist(places), OfDigits()],
        "mnist" => [OfMnist(places)],
        "digits" => [OfDigits()],
        _ => throw new GanException(ExitCode.Usage, $"There is no data set '{name}' to describe. Known are mnist, digits."),
    };

    private static DatasetDescription OfDigits() => new(
        "digits",
        $"{Digits.DefaultCount:N0} handwritten-looking digits, {Digits.Size}x{Digits.Size} grey, drawn by the program, labelled",
        true, "built in", "Complete: drawn when needed.", [], "Nothing to do: it needs no files.");

    private static DatasetDescription OfMnist(DatasetPlaces places)
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

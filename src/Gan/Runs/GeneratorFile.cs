using System.Globalization;
using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>A generator that was read from its file.</summary>
/// <param name="Recipe">The recipe that trained it.</param>
/// <param name="Network">Noise vectors to pictures.</param>
/// <param name="Shape">The shape of its pictures.</param>
internal sealed record SavedGenerator(Recipe Recipe, Sequential Network, PictureShape Shape)
{
    /// <summary>The number of classes that it can be asked for; 0: none.</summary>
    public int Classes { get; init; }

    /// <summary>Their names, by label; null where they are numbers, or there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }
}

/// <summary>
/// A generator alone, as PyTorch names and lays out its parameters: a dense layer's weight is [out, in], the transpose of the one here.
/// </summary>
internal static class GeneratorFile
{
    internal const string StepName = "step";
    private const string FormatVersion = "1";

    /// <summary>Adds to the texts of a file what drawing pictures from it needs.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="recipe">The recipe that trained it.</param>
    /// <param name="shape">The shape of its pictures.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="classes">The names of the classes of one's own pictures, by label; null: there are none.</param>
    public static void Describe(
        Dictionary<string, string> texts, Recipe recipe, PictureShape shape, Sequential generator, IReadOnlyList<string>? classes)
    {
        var (low, high) = recipe.PixelRange;
        texts["format_version"] = FormatVersion;
        texts["recipe"] = recipe.Name;
        texts["as_written"] = recipe.AsWritten ? "true" : "false";
        if (recipe.IsConditional)
            texts["conditional"] = "true";
        texts["layers"] = generator.Description;
        texts["noise"] = recipe.NoiseName;
        texts["noise_size"] = recipe.NoiseSize.ToString(CultureInfo.InvariantCulture);
        texts["pixel_low"] = low.ToString(CultureInfo.InvariantCulture);
        texts["pixel_high"] = high.ToString(CultureInfo.InvariantCulture);
        if (classes is not null)
            texts["classes"] = JsonSerializer.Serialize([.. classes], SettingsJson.Default.StringArray);
        texts["picture"] = $"{shape.Height}x{shape.Width}x{shape.Channels}";
    }

    /// <summary>
    /// The file that holds a run's newest generator: a checkpoint where the run was cut off, which is said. A file is itself.
    /// </summary>
    /// <exception cref="GanException">Data: there is none.</exception>
    public static string Find(string run, Screen screen)
    {
        if (!Path.Exists(run))
        {
            throw new GanException(
                ExitCode.Data,
                $"There is no run '{run}'. Name a run's folder, its {RunFolder.GeneratorName} or a checkpoint, such as "
                + "runs/0001-odog-mnist.");
        }
        if (!Directory.Exists(run))
            return run;
        string whole = Path.Combine(run, RunFolder.GeneratorName);
        var checkpoints = new CheckpointFolder(RunFolder.CheckpointsOf(run));
        if (!File.Exists(whole) && checkpoints.Newest() is null)
        {
            throw new GanException(
                ExitCode.Data,
                $"{run} has neither a {RunFolder.GeneratorName} nor a checkpoint. Name a folder that `gan train` made, such as "
                + "runs/0001-odog-mnist.");
        }
        if (checkpoints.Steps() is not [.., var newest] || (File.Exists(whole) && StepOf(whole) >= newest))
            return whole;
        screen.Say($"{run} was cut off: its newest generator is that of {checkpoints.PathOf(newest)}.");
        return checkpoints.PathOf(newest);
    }

    /// <summary>Returns the training steps that a file's generator has behind it; a file that doesn't say it is taken for new.</summary>
    public static int StepOf(string path) =>
        int.TryParse(SafetensorsFile.Read(path).Metadata.GetValueOrDefault(StepName), CultureInfo.InvariantCulture, out int step)
            ? step
            : int.MaxValue;

    /// <summary>
    /// Reads the generator of `generator.safetensors` or of a checkpoint, onto a device. Of a checkpoint it is the averaged one, if there
    /// is one.
    /// </summary>
    /// <exception cref="GanException">Data: it isn't there, damaged, or of an unknown recipe.</exception>
    public static SavedGenerator Read(RecipeBook book, string path, Device device)
    {
        var file = SafetensorsFile.Read(path);
        bool ofCheckpoint = Checkpoint.Is(file);
        if (ofCheckpoint)
            Checkpoint.Require(path, file);
        else
            file.RequireFinite();
        bool hasAverage = file.Tensors.Any(tensor => tensor.Name.StartsWith(GanModel.AveragePrefix, StringComparison.Ordinal));
        string prefix = !ofCheckpoint ? "" : hasAverage ? GanModel.AveragePrefix : GanModel.GeneratorPrefix;
        if (file.Text("format_version") != FormatVersion)
            throw SafetensorsFile.Damaged(path, $"it is of the version {file.Text("format_version")}, and {FormatVersion} is known here");
        var recipe = book.All.Any(known => known.Name == file.Text("recipe"))
            ? book.Find(file.Text("recipe"), file.Text("as_written") == "true", file.Metadata.ContainsKey("conditional"))
            : throw SafetensorsFile.Damaged(path, $"its recipe '{file.Text("recipe")}' is unknown here");
        var shape = ShapeOf(path, file.Text("picture"));
        int classes = recipe.IsConditional ? ClassesOf(path, file, $"{prefix}emb.weight", recipe.NoiseSize) : 0;
        RequireFit(path, file, prefix, recipe, shape, classes, device);
        var network = recipe.Generator(new LayerFactory(device, recipe.Init, new RandomStream(0, 0)) { Classes = classes }, shape);
        if (file.Text("layers") is var layers && layers != network.Description)
        {
            throw new GanException(
                ExitCode.Data,
                $"{path} holds a generator that another version of this program trained, whose {recipe.Name} has other layers: "
                + $"`{Plural.Printable(layers)}`. Draw with that version, or train it anew.");
        }
        foreach (var parameter in network.Parameters.Concat(network.Statistics))
        {
            string name = prefix + parameter.Name;
            if (ofCheckpoint)
                parameter.Value.CopyFrom(file.Values(name, Extents(parameter.Value.Shape)));
            else
                TorchLayout.Import(parameter, file.Values(name, TorchLayout.ShapeOf(parameter)));
        }
        string? names = file.Metadata.GetValueOrDefault("classes");
        return new SavedGenerator(recipe, network, shape)
        {
            Classes = classes,
            ClassNames = names is null ? null : NamesOf(path, names, classes),
        };
    }

    private static int SizeOf(string part) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0;

    private static PictureShape ShapeOf(string path, string text)
    {
        const int Largest = 4096;
        int[] sizes = [.. text.Split('x').Select(SizeOf)];
        return sizes is [> 0 and <= Largest, > 0 and <= Largest, 1 or 3]
            ? new PictureShape(sizes[0], sizes[1], sizes[2])
            : throw SafetensorsFile.Damaged(path, $"'{text}' is no size of a picture");
    }

    // before a network for so many pixels is made
    private static void RequireFit(
        string path, SafetensorsFile file, string prefix, Recipe recipe, PictureShape shape, int classes, Device device)
    {
        if (recipe.Sides is not null)
        {
            if (!recipe.Takes(shape))
                throw SafetensorsFile.Damaged(path, $"{recipe.Name} makes no pictures of {shape}");
            return;
        }
        var smallest = recipe.Generator(
            new LayerFactory(device, recipe.Init, new RandomStream(0, 0)) { Classes = classes }, new PictureShape(1, 1, 1));
        _ = file.Values($"{prefix}fc{smallest.Layers.Count(layer => layer.NamePrefix == "fc")}.bias", shape.Length);
    }

    // rows of a whole width: those of none claim classes without a byte
    private static int ClassesOf(string path, SafetensorsFile file, string table, int width) =>
        file.ShapeOf(table) is [> 0 and var classes, var values] && values == width
        ? classes
        : throw SafetensorsFile.Damaged(path, $"its '{table}' is no table with a row of {width} numbers for each class");

    private static string[]? NamesOf(string path, string text, int classes)
    {
        try
        {
            string[]? names = JsonSerializer.Deserialize(text, SettingsJson.Default.StringArray);
            if (names is not null && names.Length != classes)
                throw SafetensorsFile.Damaged(path, $"it has {names.Length:N0} names for {classes:N0} classes");
            return names;
        }
        catch (JsonException fault)
        {
            throw SafetensorsFile.Damaged(path, $"its 'classes' are no list of names: {fault.Message}");
        }
    }

    private static int[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];
}

using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What a golden file says of one tensor: its sum, its sum of squares and sixteen of its elements.</summary>
internal sealed record GoldenTensor(double Sum, double SumSq, double[] At);

/// <summary>
/// A file of numbers that PyTorch computed: training steps, or penalties, which have an activation. The properties are those of the JSON.
/// What can't be used is refused with the reason when it is read.
/// </summary>
internal abstract record GoldenFile(string Case, int Batch)
{
    private const string None = "none";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The project's own files.</summary>
    public static string BuiltIn => Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden");

    /// <summary>
    /// The folder that `GOLDEN_DIR` names, else the project's own. The runner has a working directory of its own: a relative one is the
    /// shell's.
    /// </summary>
    public static string Folder => Environment.GetEnvironmentVariable("GOLDEN_DIR") is { Length: > 0 } folder
        ? Path.Combine(Environment.GetEnvironmentVariable("PWD") ?? "", folder)
        : BuiltIn;

    /// <summary>The files of a folder. Where there are none it is one name, whose file then can't be read: no file is no success.</summary>
    public static string[] Names(string folder)
    {
        string[] paths = [];
        try
        {
            paths = Directory.GetFiles(folder, "*.json");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Read says what is wrong
        }
        return paths is [] ? [None] : [.. paths.Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];
    }

    /// <exception cref="InvalidDataException">It can't be read or used.</exception>
    public static GoldenFile Read(string folder, string name)
    {
        string path = Path.Combine(folder, name + ".json");
        if (name == None && !File.Exists(path))
            throw new InvalidDataException(
                $"No golden files: {folder} {(Directory.Exists(folder) ? "holds none that end in .json" : "is no folder")}");
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new InvalidDataException($"The golden file {name}.json can't be used: {fault.Message}");
        }
    }

    /// <exception cref="InvalidDataException">It can't be used.</exception>
    public static GoldenFile Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            Demand(root.ValueKind == JsonValueKind.Object, $"it is no object, but {root.ValueKind}");
            bool isPenalties = root.TryGetProperty("activation", out _)
                || (root.TryGetProperty("recipe", out var recipe)
                    && recipe.ValueKind == JsonValueKind.String
                    && recipe.ValueEquals("penalties"));
            GoldenFile golden = isPenalties ? root.Deserialize<PenaltiesFile>(Format)! : root.Deserialize<StepsFile>(Format)!;
            Demand(golden.Batch > 0, $"a batch of {golden.Batch}");
            golden.Check();
            return golden;
        }
        catch (Exception fault) when (fault is JsonException or GanException)
        {
            throw new InvalidDataException(fault.Message);
        }
    }

    /// <summary>Whether all is there that a comparison needs.</summary>
    /// <exception cref="InvalidDataException">It isn't.</exception>
    protected abstract void Check();

    protected static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }

    /// <summary>The tensors have these names and no others, and the numbers that they need.</summary>
    protected static void Check(string what, Dictionary<string, GoldenTensor> tensors, IEnumerable<string> names)
    {
        string[] missing = [.. names.Except(tensors.Keys)], unknown = [.. tensors.Keys.Except(names)];
        Demand(missing is [], $"{what} lacks {string.Join(", ", missing)}");
        Demand(unknown is [], $"{what} has {string.Join(", ", unknown)}, which no parameter is called");
        foreach (var (name, tensor) in tensors)
        {
            Demand(tensor is { At.Length: 16 }, $"{what} {name} has not sixteen numbers in 'at'");
            Demand(
                tensor.At.Append(tensor.Sum).Append(tensor.SumSq).All(double.IsFinite),
                $"{what} {name} has a number that a double can't hold");
        }
    }
}

/// <summary>Training steps of a recipe.</summary>
internal sealed record StepsFile(
    string Case, string Recipe, bool AsWritten, string Dataset, int Batch, int Steps, StepsFile.Run Float64, StepsFile.Run Float32)
    : GoldenFile(Case, Batch)
{
    public PictureShape Picture => Dataset switch
    {
        "mnist" or "fashion-mnist" or "digits" => new PictureShape(28, 28, 1),
        "cifar10" => new PictureShape(32, 32, 3),
        _ => throw new InvalidDataException($"there is no data set '{Dataset}'"),
    };

    /// <summary>The classes of a conditional recipe; 0 for others.</summary>
    public int Classes => Find().IsConditional ? 10 : 0;

    public Recipe Find() => RecipeBook.BuiltIn.Find(Recipe, AsWritten);

    protected override void Check()
    {
        Demand(Steps > 0, $"{Steps} steps");
        var (parameters, statistics) = Names();
        foreach (var (what, run) in ((string, Run)[])[("float64", Float64), ("float32", Float32)])
        {
            Demand(
                run.DLoss.Length == Steps && run.GLoss.Length == Steps,
                $"{what} has {run.DLoss.Length} d_loss and {run.GLoss.Length} g_loss for {Steps} steps");
            Check($"{what} grad", run.Grad, parameters);
            Check($"{what} final", run.Final, [.. parameters, .. statistics]);
        }
    }

    private (string[] Parameters, string[] Statistics) Names()
    {
        using var device = new CpuDevice(1);
        var recipe = Find();
        var model = recipe.Build(new BuildContext(device, Picture, Seed: 0) { Classes = Classes });
        (char Letter, Sequential Network)[] networks = [('G', model.Generator), ('D', model.Discriminator)];
        string[] Of(Func<Sequential, IEnumerable<Parameter>> select) =>
            [.. networks.SelectMany(n => select(n.Network).Select(p => $"{n.Letter}/{p.Name.Replace('.', '/')}"))];
        // fabo as written keeps no running statistics
        return (Of(n => n.Parameters), recipe is Fabo { AsWritten: true } ? [] : Of(n => n.Statistics));
    }

    public sealed record Run(double[] DLoss, double[] GLoss, Dictionary<string, GoldenTensor> Grad, Dictionary<string, GoldenTensor> Final);
}

/// <summary>Penalties on the gradient of a discriminator with this activation.</summary>
internal sealed record PenaltiesFile(
    string Case, string Activation, int Batch, PenaltiesFile.Run Float64, PenaltiesFile.Run Float32, string Network = "dense")
    : GoldenFile(Case, Batch)
{
    protected override void Check()
    {
        Demand(Activation is "lrelu" or "tanh" or "sigmoid", $"there is no activation '{Activation}': lrelu, tanh and sigmoid are known");
        Demand(Network is "dense" or "conv", $"there is no network '{Network}': dense and conv are known");
        string[] layers = Network == "conv" ? ["conv1", "conv2", "fc1"] : ["fc1", "fc2", "fc3"];
        string[] names = [.. layers.SelectMany(layer => (string[])[$"D/{layer}/weight", $"D/{layer}/bias"])];
        foreach (var (what, run) in ((string, Run)[])[("float64", Float64), ("float32", Float32)])
        {
            Check($"{what} wgan_gp grad", run.WganGp.Grad, names);
            Check($"{what} r1 grad", run.R1.Grad, names);
        }
    }

    public sealed record Penalty(double Value, Dictionary<string, GoldenTensor> Grad);

    public sealed record Run(Penalty WganGp, Penalty R1);
}

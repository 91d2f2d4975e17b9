using System.Reflection;
using GanFromScratch.Autograd;
using GanFromScratch.Gan;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>The texts that the engine makes of its own kernels, by their titles.</summary>
internal static class GeneratedPrograms
{
    private static readonly Type[] Tiles = [typeof(LargeTile), typeof(MiddleTile), typeof(SmallTile)];
    private static readonly Type[] Layouts = [typeof(AlongDepth), typeof(AlongSide)];
    private static readonly Type[] Widths = [typeof(ByFour), typeof(OneByOne)];

    /// <summary>What training takes, what the table of ops takes, and every shape of the matrix product.</summary>
    public static SortedDictionary<string, string> All(ProgramTarget target)
    {
        using var device = new RecordingDevice(target);
        foreach (var recipe in RecipeBook.All.SelectMany(recipe => (Recipe[])[recipe, RecipeBook.Find(recipe.Name, asWritten: true)]))
        {
            Train(device, recipe, 784);
            Train(device, recipe, 3072);
        }
        foreach (var row in OpTable.Formulas)
            _ = row.FloatSweep(device).Count();
        foreach (var row in OpTable.Zips)
            _ = row.FloatSweep(device).Count();
        foreach (var row in OpTable.Structured)
            DifferentiateTwice(device, row);
        foreach (var (title, text) in MatrixProducts(target))
            device.Programs[title] = text;
        return device.Programs;
    }

    /// <summary>The matrix product's kernels without an activation: three tiles, four layouts, two widths.</summary>
    public static IEnumerable<(string Title, string Text)> MatrixProducts(ProgramTarget target) =>
        from tile in Tiles
        from a in Layouts
        from b in Layouts
        from width in Widths
        let text = KernelCompiler.Text(MatrixProduct(tile, a, b, width), Launcher.GroupSize, target)
        select (RecordingDevice.TitleOf(text), text);

    public static MethodInfo MatrixProduct(Type tile, Type a, Type b, Type width) =>
        Kernel(typeof(MatMulKernels), "MatMulKernel").MakeGenericMethod(tile, a, b, width, typeof(Identity));

    /// <summary>A kernel of the library, which are private.</summary>
    public static MethodInfo Kernel(Type type, string name) => type.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;

    private static void Train(Device device, Recipe recipe, int pixels)
    {
        const ulong Seed = 1;
        var model = new GanModel(recipe, device, pixels, Seed) { MeasureGradients = true };
        var noise = new TrainingNoise(recipe, device, Seed);
        using var real = new Tensor(device, new Shape(model.Batch, pixels));
        recipe.Log(default, default, model, real, noise);
        recipe.Step(model, real, noise).Resolve();
        using var fixedNoise = noise.Fixed(25);
        using var tape = new Tape(device);
        _ = model.Generator.Forward(tape.Constant(fixedNoise), recipe.SamplePass).Value;
    }

    private static void DifferentiateTwice(Device device, StructuredRow row)
    {
        using var tape = new Tape(device);
        var inputs = row.Inputs(device, 3, 4);
        var first = tape.Gradients(row.On(tape, inputs).Square().Sum(), inputs, differentiable: true);
        _ = tape.Gradients(first[inputs[0]].Square().Sum(), inputs, differentiable: true);
    }
}

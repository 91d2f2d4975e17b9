using GanFromScratch.Autograd;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using NUnit.Framework;
using Tensor = GanFromScratch.Tensors.Tensor;

namespace GanFromScratch.Tests.Web;

/// <summary>`gan export --onnx`: what ONNX Runtime computes is what this program computes.</summary>
public sealed class OnnxTests
{
    private const double Tolerance = 1e-5;

    private static readonly (string Recipe, string Options)[] Runs =
    [
        .. RecipeBook.BuiltIn.All.Select(recipe => (recipe.Name, "")),
        ("stable-conv", "--conditional"),
        ("fabo", "--as-written"),
        ("acgan", "--as-written"),
        ("odog", "--loss hinge --spectral-norm --pack 2"),
        ("stable-conv", "--spectral-norm --resolution 32 --channels 3"),
    ];

    [TestCaseSource(nameof(Cases))]
    public void BothNetworksAreTheSame(string recipe, string options)
    {
        using var program = new GanProgram();
        program.Done($"train --recipe {recipe} {options} --dataset digits --limit 64 --batch 32 --steps 6 --output run");
        program.Done("export run --onnx");
        using var device = new CpuDevice(2);
        var generator = GeneratorFile.Read(RecipeBook.BuiltIn, program["run", "generator.safetensors"], device);
        var (discriminator, pack) = DiscriminatorFile.Read(DiscriminatorFile.Find(program["run"])!, generator, device);
        var shape = generator.Shape;
        int[] picture = [shape.Height, shape.Width, shape.Channels];
        using var g = new InferenceSession(program["run", "generator.onnx"]);
        using var d = new InferenceSession(program["run", "discriminator.onnx"]);
        foreach (int batch in (int[])[1, 6])
        {
            using var noise = new Tensor(device, new Shape(batch, generator.Recipe.NoiseSize));
            generator.Recipe.DrawNoise(new(7, 0), noise);
            var labels = OneHot(batch, generator.Classes);
            float[] pictures = Here(generator.Network, noise, labels, generator.Recipe.SamplePass);
            Compare(pictures, There(g, ("noise", [generator.Recipe.NoiseSize], noise.ToArray()), labels, batch), $"G of {batch}");
            if (batch % pack != 0)
                continue;
            using var shown = Tensor.From(device, new Shape(batch / pack, shape.Length * pack), pictures);
            labels = OneHot(batch / pack, d.InputMetadata.ContainsKey("classes") ? generator.Classes : 0);
            float[] logits = Here(discriminator, shown, labels, Pass.Inference);
            int[] row = pack == 1 ? picture : [pack, .. picture];
            Compare(logits, There(d, ("pictures", row, pictures), labels, batch / pack), $"D of {batch}");
        }
    }

    /// <summary>What a graph has, as tools show it: few nodes, one for each layer, with the names that weights have elsewhere.</summary>
    [Test]
    public void TheGraphIsSmallAndNamed()
    {
        using var program = new GanProgram();
        program.Done("train --recipe odog --dataset digits --limit 64 --batch 32 --steps 2 --output run");
        program.Done("export run --onnx");
        using var g = new InferenceSession(program["run", "generator.onnx"]);
        Assert.Multiple(() =>
        {
            Assert.That(g.InputMetadata.Single().Key, Is.EqualTo("noise"));
            Assert.That(g.InputMetadata["noise"].Dimensions, Is.EqualTo((int[])[-1, 100]));
            Assert.That(g.OutputMetadata["pictures"].Dimensions, Is.EqualTo((int[])[-1, 28, 28, 1]));
            Assert.That(g.ModelMetadata.ProducerName, Is.EqualTo("gan"));
            Assert.That(g.ModelMetadata.CustomMetadataMap["recipe"], Is.EqualTo("odog"));
            Assert.That(g.ModelMetadata.CustomMetadataMap["pixel_low"], Is.EqualTo("-1"));
            long weights = new FileInfo(program["run", "generator.safetensors"]).Length;
            Assert.That(new FileInfo(program["run", "generator.onnx"]).Length, Is.LessThan(weights + 2000));
        });
    }

    /// <summary>The checker of the format's own project, which knows nothing of ONNX Runtime.</summary>
    [Test]
    public void TheFormatsOwnCheckerFindsNothing()
    {
        string python = ToolRequirement.Python("onnx");
        using var program = new GanProgram();
        string[] recipes = ["lornatang", "dcgan", "acgan", "stable-conv"];
        foreach (string recipe in recipes)
        {
            program.Done($"train --recipe {recipe} --dataset digits --limit 32 --batch 32 --steps 1 --output {recipe}");
            program.Done($"export {recipe} --onnx");
        }
        const string Check = "import glob, onnx; [onnx.checker.check_model(f, full_check=True) for f in glob.glob('*/*.onnx')]; "
            + "print(len(glob.glob('*/*.onnx')))";
        var result = program.RunOf([python, "-c", Check]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output.Trim(), Is.EqualTo($"{2 * recipes.Length}"));
    }

    private static IEnumerable<TestCaseData> Cases() => Runs.Select(run => new TestCaseData(run.Recipe, run.Options));

    private static float[] Here(Sequential network, Tensor x, float[]? labels, Pass pass)
    {
        using var tape = new Tape(x.Device);
        using var shares = labels is null ? null : Tensor.From(x.Device, new Shape(x.Shape.Rows, labels.Length / x.Shape.Rows), labels);
        return network.Forward(tape.Constant(x), pass with { Labels = shares is null ? null : tape.Constant(shares) }).Value.ToArray();
    }

    private static float[] There(InferenceSession session, (string Name, int[] Row, float[] Values) input, float[]? labels, int batch)
    {
        var inputs = new List<NamedOnnxValue> { Value(input.Name, input.Row, input.Values) };
        if (labels is not null)
            inputs.Add(Value("classes", [labels.Length / batch], labels));
        using var results = session.Run(inputs);
        return [.. results.Single().AsTensor<float>()];

        NamedOnnxValue Value(string name, int[] row, float[] values) =>
            NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values, [batch, .. row]));
    }

    private static float[]? OneHot(int rows, int classes)
    {
        if (classes == 0)
            return null;
        var labels = new float[rows * classes];
        for (int row = 0; row < rows; row++)
            labels[(row * classes) + (row % classes)] = 1f;
        return labels;
    }

    private static void Compare(float[] here, float[] there, string what)
    {
        Assert.That(there, Has.Length.EqualTo(here.Length), what);
        Assert.That(there.All(float.IsFinite), what); // the greatest of some numbers ignores NaN
        double scale = Math.Max(1, here.Max(Math.Abs)), furthest = here.Zip(there, (a, b) => Math.Abs((double)a - b)).Max() / scale;
        TestContext.Out.WriteLine($"{what}: at most {furthest:0.0e0} apart");
        Assert.That(furthest, Is.LessThanOrEqualTo(Tolerance), what);
    }
}

using System.Runtime.InteropServices;
using System.Text;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Export;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// `generator.safetensors` is what PyTorch's `load_state_dict` takes; in the module that `gan export --torch` writes the same noise makes
/// the same pictures.
/// </summary>
public sealed class GeneratorInTorchTests
{
    private const int Count = 10;
    private const double Tolerance = 1e-5;

    /// <summary>All recipes in one process, because loading PyTorch takes longer than all the rest.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void EveryRecipesGeneratorDrawsTheSamePictures()
    {
        string python = ToolRequirement.Python("numpy", "torch");
        using var folder = new TestFolder();
        using var device = new CpuDevice(2);
        var conditional = RecipeBook.BuiltIn.All.Select(recipe => recipe.ConditionalForm).OfType<Recipe>();
        var expected = RecipeBook.BuiltIn.All.Concat(conditional).ToDictionary(NameOf, recipe => Prepare(recipe, device, folder));

        string script = Path.Combine(AppContext.BaseDirectory, "Gan", "Runs", "generators_in_torch.py");
        var result = Processes.Run(python, script, folder.Path, $"{Count}");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var (recipe, pictures) in expected)
        {
            float[] drawn = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder.Path, recipe, "pictures.f32"))).ToArray();
            Assert.That(drawn, Has.Length.EqualTo(pictures.Length), recipe);
            Assert.That(drawn.All(float.IsFinite), recipe); // the greatest of some numbers ignores NaN
            double furthest = drawn.Zip(pictures, (a, b) => Math.Abs((double)a - b)).Max();
            TestContext.Out.WriteLine($"{recipe}: at most {furthest:0.0e0} apart");
            Assert.That(furthest, Is.LessThanOrEqualTo(Tolerance), recipe);
        }
    }

    private static string NameOf(Recipe recipe) => RecipeBook.BuiltIn.Find(recipe.Name).IsConditional != recipe.IsConditional
        ? $"{recipe.Name}, conditional"
        : recipe.Name;

    /// <summary>
    /// Leaves a briefly trained generator, its module and noise in the recipe's folder; gives the pictures that it makes here, once it was
    /// read back.
    /// </summary>
    private static float[] Prepare(Recipe recipe, Device device, TestFolder folder)
    {
        var request = new RunRequest
        {
            Batch = 32,
            Seed = 3,
            Steps = 6, // so that statistics, scales and shifts are no longer those that every layer begins with
            Samples = 1,
        };
        using var noise = new Tensor(device, new Shape(Count, recipe.NoiseSize));
        recipe.DrawNoise(SeedStream.Samples.Of(4), noise);
        string ofNoise = folder.File(Path.Combine(NameOf(recipe), "noise.f32"), MemoryMarshal.AsBytes<float>(noise.ToArray()).ToArray());
        string path = Path.Combine(Path.GetDirectoryName(ofNoise)!, RunFolder.GeneratorName);
        using (var trainer = new Trainer(recipe, request, Digits.Draw(64, 2), device))
        {
            trainer.Run(new Unheard(), CancellationToken.None);
            var export = new GeneratorExport();
            export.Copy(recipe, trainer.Images.Shape, trainer.Model.Sampler, null, trainer.Step);
            export.Write(path);
        }
        using var tape = new Tape(device);
        var read = GeneratorFile.Read(RecipeBook.BuiltIn, path, device);
        string module = TorchModule.Write(read, RunFolder.GeneratorName);
        folder.File(Path.Combine(NameOf(recipe), "generator.py"), Encoding.UTF8.GetBytes(module));
        using var labels = Tensor.From(device, new Shape(Count), [.. Enumerable.Range(0, Count).Select(i => (float)i)]);
        var pass = Pass.Inference with { Labels = read.Classes > 0 ? tape.Constant(labels).OneHot(read.Classes) : null };
        return read.Network.Forward(tape.Constant(noise), pass).Value.ToArray();
    }

    private sealed class Unheard : IRunSink;
}

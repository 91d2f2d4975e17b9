using System.Text.Json;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>PyTorch's steps, beside which ours are timed, are taken on networks of the same sizes.</summary>
[Category(SampledAttribute.Exhaustive)]
public sealed class TorchStepTests
{
    [Test]
    public void EveryRecipesStepIsTakenOnNetworksOfItsSize()
    {
        string python = ToolRequirement.Python("torch");
        string script = Path.Combine(SourceProjects.Root, "bench", "gpu", "torch_step.py");
        var result = Processes.Run(python, script, "--device", "cpu", "--quick", "--ways", "eager");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var steps = result.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var names = steps.Select(step => step.GetProperty("recipe").GetString());
        Assert.That(names, Is.EquivalentTo(RecipeBook.BuiltIn.All.Select(recipe => recipe.Name)));
        using var device = new CpuDevice(1);
        foreach (var step in steps)
        {
            var recipe = RecipeBook.BuiltIn.Find(step.GetProperty("recipe").GetString()!);
            Assert.That(step.TryGetProperty("median_s_per_step", out var seconds), $"{step}");
            Assert.That(seconds.GetDouble(), Is.Positive);
            Assert.That(step.GetProperty("batch").GetInt32(), Is.EqualTo(recipe.Batch), recipe.Name);
            foreach (string loss in (string[])["d_loss", "g_loss"])
                Assert.That(step.GetProperty(loss).GetDouble(), Is.GreaterThan(0).And.LessThan(20), $"{recipe.Name}'s {loss}");
            var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 1)) { Classes = recipe.IsConditional ? 10 : 0 };
            int[] ours = [
                recipe.Generator(make, MnistFiles.Shape).TrainableCount, recipe.Discriminator(make, MnistFiles.Shape).TrainableCount];
            Assert.That(step.GetProperty("parameters").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(ours), recipe.Name);
        }
    }
}

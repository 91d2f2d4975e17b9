using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Arrows point down, as the compiled assemblies have them; ILGPU is known to devices and kernels alone.</summary>
public class LayeringTests
{
    private static readonly string[] Layers = ["GanFromScratch.Tensors", "GanFromScratch.Kernels", "GanFromScratch.Autograd", "gan"];

    [TestCase(typeof(Tensors.Tensor), "ILGPU")]
    [TestCase(typeof(Kernels.MatMul), "ILGPU GanFromScratch.Tensors")]
    [TestCase(typeof(Autograd.Tape), "GanFromScratch.Kernels GanFromScratch.Tensors")]
    [TestCase(typeof(Gan.Recipes.Recipe), "GanFromScratch.Autograd GanFromScratch.Kernels GanFromScratch.Tensors")]
    public void AnAssemblyKnowsOnlyWhatIsBelow(Type ofAssembly, string below)
    {
        string[] known = [.. ofAssembly.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!).Where(IsLayer)];
        Assert.That(known, Is.EquivalentTo(below.Split(' ')), ofAssembly.Assembly.GetName().Name);
    }

    private static bool IsLayer(string assembly) => Layers.Contains(assembly) || assembly.StartsWith("ILGPU", StringComparison.Ordinal);
}

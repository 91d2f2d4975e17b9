using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Arrows point down: between the projects, as compiled assemblies have them, and between the folders of each, as the compiler binds every
/// name.
/// </summary>
public class ArchitectureTests
{
    private static readonly string[] Layers = [.. SourceProjects.All.Select(project => project.Assembly)];

    /// <summary>ILGPU is known to devices and kernels alone.</summary>
    [TestCase(typeof(Tensors.Tensor), "ILGPU")]
    [TestCase(typeof(Kernels.MatMul), "ILGPU GanFromScratch.Tensors")]
    [TestCase(typeof(Autograd.Tape), "GanFromScratch.Kernels GanFromScratch.Tensors")]
    [TestCase(typeof(Gan.Recipes.Recipe), "GanFromScratch.Autograd GanFromScratch.Kernels GanFromScratch.Tensors")]
    public void AnAssemblyKnowsOnlyWhatIsBelow(Type ofAssembly, string below)
    {
        string[] known = [.. ofAssembly.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!).Where(IsLayer)];
        Assert.That(known, Is.EquivalentTo(below.Split(' ')), ofAssembly.Assembly.GetName().Name);
    }

    /// <summary>With every arrow pointing down, no folders can form a cycle.</summary>
    [TestCase("Tensor")]
    [TestCase("Kernels")]
    [TestCase("Autograd")]
    [TestCase("Gan")]
    public void ArrowsBetweenFoldersPointDown(string folder)
    {
        string[] floors = SourceProjects.Of(folder).Floors;
        var compilation = SourceProjects.Compiled[folder];
        string[] folders = [.. Arrows.Written(compilation).Select(Arrows.Folder).Distinct()];
        string[] expected = [.. floors.SelectMany(floor => floor.Split(", "))];
        Assert.That(folders, Is.EquivalentTo(expected), $"the folders of src/{folder}, and those that have a floor");
        string[] wrong = [.. Arrows.Wrong(Arrows.Read(compilation), floors).Select(arrow => $"src/{folder}/{arrow}")];
        Assert.That(wrong, Is.Empty, $"arrows that do not point down:\n{string.Join('\n', wrong)}");
    }

    /// <summary>The trainer has a namespace a folder, each library one.</summary>
    [TestCase("Tensor")]
    [ExhaustiveCase("Kernels")]
    [ExhaustiveCase("Autograd")]
    [ExhaustiveCase("Gan")]
    public void ANamespaceIsWhereItIsLookedFor(string folder)
    {
        string root = SourceProjects.Of(folder).Namespace;
        var astray = from type in Types(folder)
                     let expected = folder == "Gan" && type.Folder != "." ? $"{root}.{type.Folder.Replace('/', '.')}" : root
                     where type.Namespace != expected
                     select $"{type.File}: {type.Name} is in {type.Namespace}, not in {expected}";
        Assert.That(astray, Is.Empty, string.Join('\n', astray));
    }

    /// <summary>A name means one thing. <c>Tensor</c> is also a project's folder, whose namespace is therefore <c>Tensors</c>.</summary>
    [TestCase("Tensor")]
    [TestCase("Kernels")]
    [TestCase("Autograd")]
    [TestCase("Gan")]
    public void NoTypeIsNamedLikeAFolderOrANamespace(string folder)
    {
        var all = SourceProjects.All.SelectMany(project => Types(project.Folder));
        var taken = all.SelectMany(type => type.Folder.Split('/').Concat(type.Namespace.Split('.'))).ToHashSet();
        Assert.That(Types(folder).Where(type => taken.Contains(type.Name)).Select(type => $"{type.File}: {type.Name}"), Is.Empty);
    }

    private static bool IsLayer(string assembly) => Layers.Contains(assembly) || assembly.StartsWith("ILGPU", StringComparison.Ordinal);

    /// <summary>The types that are written in a project, nested ones too.</summary>
    private static IEnumerable<(string Name, string File, string Folder, string Namespace)> Types(string folder) =>
        from tree in Arrows.Written(SourceProjects.Compiled[folder])
        let model = SourceProjects.Compiled[folder].GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes().Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
        let type = model.GetDeclaredSymbol(node)
        where type.Name != "StartupHook" // which the runtime looks for outside of namespaces
        select (type.Name, $"src/{folder}/{tree.FilePath}", Arrows.Folder(tree), type.ContainingNamespace.ToDisplayString());
}

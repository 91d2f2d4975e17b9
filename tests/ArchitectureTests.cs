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
    /// <summary>The projects from the bottom up, each with its folders from top to bottom; "Nn, Optim" do not know each other.</summary>
    private static readonly (string Folder, string Assembly, string Namespace, string[] Floors)[] Projects =
    [
        ("Tensor", "GanFromScratch.Tensors", "GanFromScratch.Tensors", ["Devices/Accelerators", "Devices/OpenClDrivers", "Devices", "."]),
        ("Kernels", "GanFromScratch.Kernels", "GanFromScratch.Kernels", ["Library", "Gemm", "Launch", "Lanes", "."]),
        ("Autograd", "GanFromScratch.Autograd", "GanFromScratch.Autograd", ["Nn, Optim", "Ops", "."]),
        (
            "Gan", "gan", "GanFromScratch.Gan",
            [
                ".", "Commands", "Modes", "Runs", "Evaluation", "Training", "Recipes", "Models", "Losses", "Data", "Images", "Files",
                "Terminal", "Errors",
            ]
        ),
    ];

    private static readonly string[] Layers = [.. Projects.Select(project => project.Assembly)];

    private static readonly Lazy<Dictionary<string, CSharpCompilation>> Compiled = new(Compile);

    private static string Source => Path.GetFullPath(Path.Combine(TestContext.CurrentContext.TestDirectory, "../../../../src"));

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
        string[] floors = Projects.Single(project => project.Folder == folder).Floors;
        var compilation = Compiled.Value[folder];
        string[] folders = [.. Arrows.Written(compilation).Select(Arrows.Folder).Distinct()];
        string[] expected = [.. floors.SelectMany(floor => floor.Split(", "))];
        Assert.That(folders, Is.EquivalentTo(expected), $"the folders of src/{folder}, and those that have a floor");
        string[] wrong = [.. Arrows.Wrong(Arrows.Read(compilation), floors).Select(arrow => $"src/{folder}/{arrow}")];
        Assert.That(wrong, Is.Empty, $"arrows that do not point down:\n{string.Join('\n', wrong)}");
    }

    /// <summary>The trainer has a namespace a folder, each library one.</summary>
    [TestCase("Tensor")]
    [TestCase("Kernels")]
    [TestCase("Autograd")]
    [TestCase("Gan")]
    public void ANamespaceIsWhereItIsLookedFor(string folder)
    {
        string root = Projects.Single(project => project.Folder == folder).Namespace;
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
        var all = Projects.SelectMany(project => Types(project.Folder));
        var taken = all.SelectMany(type => type.Folder.Split('/').Concat(type.Namespace.Split('.'))).ToHashSet();
        Assert.That(Types(folder).Where(type => taken.Contains(type.Name)).Select(type => $"{type.File}: {type.Name}"), Is.Empty);
    }

    private static bool IsLayer(string assembly) => Layers.Contains(assembly) || assembly.StartsWith("ILGPU", StringComparison.Ordinal);

    private static Dictionary<string, CSharpCompilation> Compile()
    {
        var compiled = new Dictionary<string, CSharpCompilation>();
        foreach (var project in Projects)
            compiled[project.Folder] = Arrows.Compile(project.Assembly, Files(Path.Combine(Source, project.Folder)), [.. compiled.Values]);
        return compiled;
    }

    private static IEnumerable<(string Path, string Text)> Files(string project) =>
        from file in Directory.GetFiles(project, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(project, file).Replace('\\', '/')
        where !path.StartsWith("bin/", StringComparison.Ordinal) && !path.StartsWith("obj/", StringComparison.Ordinal)
        select (path, File.ReadAllText(file));

    /// <summary>The types that are written in a project, nested ones too.</summary>
    private static IEnumerable<(string Name, string File, string Folder, string Namespace)> Types(string folder) =>
        from tree in Arrows.Written(Compiled.Value[folder])
        let model = Compiled.Value[folder].GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes().Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
        let type = model.GetDeclaredSymbol(node)
        where type.Name != "StartupHook" // which the runtime looks for outside of namespaces
        select (type.Name, $"src/{folder}/{tree.FilePath}", Arrows.Folder(tree), type.ContainingNamespace.ToDisplayString());
}

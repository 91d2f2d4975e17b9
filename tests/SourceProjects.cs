using Microsoft.CodeAnalysis.CSharp;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The projects of `src`, compiled in memory.</summary>
internal static class SourceProjects
{
    /// <summary>The projects from the bottom up, each with its folders from top to bottom; "Nn, Optim" do not know each other.</summary>
    public static readonly Project[] All =
    [
        new(
            "Tensor", "GanFromScratch.Tensors", "GanFromScratch.Tensors",
            ["Devices/Accelerators", "Devices/OpenClDrivers", "Devices", "."]),
        new("Kernels", "GanFromScratch.Kernels", "GanFromScratch.Kernels", ["Library", "Convolutions", "Gemm", "Launch", "Lanes", "."]),
        new("Autograd", "GanFromScratch.Autograd", "GanFromScratch.Autograd", ["Nn, Optim", "Ops", "."]),
        new(
            "Gan", "gan", "GanFromScratch.Gan",
            [
                ".", "Commands", "Serve", "Modes", "Export", "Runs", "Evaluation", "Training", "Recipes", "Models", "Losses", "Data",
                "Images", "Files", "Terminal", "Options", "Errors",
            ]),
    ];

    private static readonly Lazy<Dictionary<string, CSharpCompilation>> AsTheyAre = new(() => With([]));

    /// <summary>Gets the repository's folder.</summary>
    public static string Root => Path.GetFullPath(Path.Combine(TestContext.CurrentContext.TestDirectory, "../../../../"));

    /// <summary>Gets the compilations by the projects' folders.</summary>
    public static IReadOnlyDictionary<string, CSharpCompilation> Compiled => AsTheyAre.Value;

    /// <summary>Finds a project by its folder.</summary>
    public static Project Of(string folder) => All.Single(project => project.Folder == folder);

    /// <summary>Compiles the projects with other texts of some files, or new files.</summary>
    /// <param name="changed">Texts by their paths from the repository's folder.</param>
    public static Dictionary<string, CSharpCompilation> With(Dictionary<string, string> changed)
    {
        var compiled = new Dictionary<string, CSharpCompilation>();
        foreach (var project in All)
            compiled[project.Folder] = Arrows.Compile(project.Assembly, Sources(project.Folder, changed), [.. compiled.Values]);
        return compiled;
    }

    private static IEnumerable<(string Path, string Text)> Sources(string project, Dictionary<string, string> changed)
    {
        string folder = Path.Combine(Root, "src", project);
        var there = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
        var added = changed.Keys.Where(file => file.StartsWith($"src/{project}/", StringComparison.Ordinal))
            .Select(file => file[$"src/{project}/".Length..]);
        return from file in there.Union(added)
               where file.Split('/')[0] is not ("bin" or "obj")
               select (file, changed.GetValueOrDefault($"src/{project}/{file}") ?? File.ReadAllText(Path.Combine(folder, file)));
    }

    /// <summary>A project.</summary>
    /// <param name="Folder">Its folder in `src`.</param>
    /// <param name="Assembly">The assembly's name.</param>
    /// <param name="Namespace">The root namespace.</param>
    /// <param name="Floors">Its folders, "." for its own, from top to bottom; those of "Nn, Optim" share a floor and do not know each
    /// other.</param>
    internal sealed record Project(string Folder, string Assembly, string Namespace, string[] Floors);
}

using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What README and docs/extending.md add to the project compiles where they add it, and points down. A block beneath `&lt;!-- file: F
/// --&gt;` is a new file; one beneath `&lt;!-- line: F below T --&gt;` goes below the one line of a file that has this text.
/// </summary>
public class ExtendingTests
{
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WhatThePagesAddCompilesAndPointsDown()
    {
        var changed = new Dictionary<string, string>();
        foreach (string page in (string[])["README.md", "docs/extending.md"])
        {
            foreach (var (kind, what, lines) in DocsTests.Blocks(File.ReadAllLines(Path.Combine(SourceProjects.Root, page))))
                Add(changed, page, kind, what, lines);
        }
        Assert.That(
            changed.Keys,
            Has.Some.StartsWith("src/Autograd/Ops/").And.Some.StartsWith("src/Gan/Losses/").And.Some.StartsWith("src/Gan/Recipes/"));
        Assert.That(
            changed.Keys, Has.Some.StartsWith("src/Gan/Evaluation/").And.Some.StartsWith("src/Gan/Runs/").And.Some.StartsWith("tests/"));
        var compiled = SourceProjects.With(changed);
        foreach (var project in SourceProjects.All)
        {
            var compilation = compiled[project.Folder];
            Assert.That(Arrows.Wrong(Arrows.Read(compilation), project.Floors), Is.Empty);
            var unused = from tree in Arrows.Written(compilation)
                         where changed.ContainsKey($"src/{project.Folder}/{tree.FilePath}")
                         from diagnostic in compilation.GetSemanticModel(tree).GetDiagnostics()
                         where diagnostic.Id == "CS8019"
                         select diagnostic.ToString();
            Assert.That(unused, Is.Empty, "usings that a file doesn't need are an error in the project's own build");
        }
    }

    [Test]
    public void CodeThatDoesNotCompileIsFound() => Assert.That(
        () => SourceProjects.With(new() { ["src/Tensor/Planted.cs"] = "namespace GanFromScratch.Tensors; class Planted : Nowhere;" }),
        Throws.InvalidOperationException.With.Message.Contains("Planted.cs"));

    private static void Add(Dictionary<string, string> changed, string page, string kind, string what, string[] lines)
    {
        string block = string.Join('\n', lines) + "\n";
        if (kind == "file")
        {
            Assert.That(File.Exists(Path.Combine(SourceProjects.Root, what)), Is.False, $"{page}: {what} is there already");
            changed.Add(what, block);
            return;
        }
        Assert.That(kind, Is.EqualTo("line"), $"{page}: a block is neither file nor line");
        string[] parts = what.Split(" below ", 2);
        string text = changed.GetValueOrDefault(parts[0]) ?? File.ReadAllText(Path.Combine(SourceProjects.Root, parts[0]));
        int at = text.IndexOf(parts[1], StringComparison.Ordinal);
        Assert.That(
            at, Is.Not.Negative.And.EqualTo(text.LastIndexOf(parts[1], StringComparison.Ordinal)),
            $"{page}: {parts[0]} has one '{parts[1]}'");
        changed[parts[0]] = text.Insert(text.IndexOf('\n', at) + 1, block);
    }
}

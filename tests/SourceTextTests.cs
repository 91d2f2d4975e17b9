using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Lines of at most 140 columns, and files of at most 400 lines, in all C# of the project.</summary>
[Quick]
public class SourceTextTests
{
    private const int MostColumns = 140, MostLines = 400;

    /// <summary>Files that may be longer, and why.</summary>
    private static readonly Dictionary<string, string> Longer = new()
    {
        ["tests/Autograd/TapeTests.cs"] = "what a tape promises, one short test each",
    };

    [TestCase("src")]
    [TestCase("tests")]
    [TestCase("bench")]
    public void NoLineIsLongerThan140Columns(string folder)
    {
        var longer = from file in Files(folder)
                     from line in File.ReadAllLines(Path.Combine(SourceProjects.Root, file)).Index()
                     where line.Item.Length > MostColumns
                     select $"{file}:{line.Index + 1}: {line.Item.Length} columns";
        Assert.That(longer, Is.Empty, string.Join('\n', longer));
    }

    [TestCase("src")]
    [TestCase("tests")]
    [TestCase("bench")]
    public void NoFileIsLongerThan400Lines(string folder)
    {
        var longer = from file in Files(folder)
                     let lines = File.ReadAllLines(Path.Combine(SourceProjects.Root, file)).Length
                     where lines > MostLines != Longer.ContainsKey(file)
                     select $"{file}: {lines} lines";
        Assert.That(longer, Is.Empty, "longer than 400 lines without a reason, or with one and shorter by now");
    }

    private static IEnumerable<string> Files(string folder) =>
        from path in Directory.GetFiles(Path.Combine(SourceProjects.Root, folder), "*.cs", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(SourceProjects.Root, path).Replace('\\', '/')
        where !file.Split('/').Intersect(["bin", "obj"]).Any()
        select file;
}

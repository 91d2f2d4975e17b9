using System.Security.Cryptography;
using System.Text.Json;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Who builds the program gets the packages that we built it with, and the same bytes; what is in it is said.</summary>
public sealed class SupplyChainTests
{
    private const string Bill = "sbom.cdx.json", Lock = "packages.lock.json";

    private static readonly string Root = SourceProjects.Root;

    /// <summary>The packages that the program is made of, by name and version, as its restore is locked to them.</summary>
    private static (string Name, string Version)[] Shipped
    {
        get
        {
            using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "src", "Gan", Lock)));
            return
            [
                .. locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
                    .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                    .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!)),
            ];
        }
    }

    [Test, Quick]
    public void EveryProjectIsLocked()
    {
        var projects = Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).StartsWith("artifacts", StringComparison.Ordinal)).ToArray();
        Assert.That(projects, Has.Length.GreaterThan(6));
        foreach (string project in projects)
            Assert.That(Path.Combine(Path.GetDirectoryName(project)!, Lock), Does.Exist);
    }

    [Test, Quick]
    public void TheBillOfMaterialsNamesWhatShips()
    {
        using var bill = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, Bill)));
        Assert.That(
            bill.RootElement.GetProperty("components").EnumerateArray()
                .Select(part => (part.GetProperty("name").GetString()!, part.GetProperty("version").GetString()!)),
            Is.EquivalentTo(Shipped),
            $"{Bill} is of other packages: `dotnet tool restore`, then `dotnet dotnet-CycloneDX src/Gan/Gan.csproj -rs -ns -F UnsafeJson "
            + $"-spv 1.6 -sn gan -sv 0.1.0 -o . -fn {Bill}`, and the licences in THIRD-PARTY-NOTICES.txt");
    }

    [Test, Quick]
    public void TheNoticesHoldEachPackagesLicence()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "THIRD-PARTY-NOTICES.txt"));
        Assert.That(Shipped, Is.Not.Empty);
        foreach (var (name, version) in Shipped)
            Assert.That(lines, Has.Some.StartsWith($"{name} {version}"));
    }

    // Two copies without the history, whose commit the version would name.
    [Test, Category(SampledAttribute.Exhaustive)]
    public void TwoFoldersGiveTheSameBytes()
    {
        using TestFolder one = new(), other = new();
        var (first, second) = (Built(one.Path), Built(Path.Combine(other.Path, "in", "a longer folder")));
        Assert.That(first.Keys, Is.SupersetOf((string[])["gan.dll", "GanFromScratch.Kernels.dll", "GanFromScratch.Kernels.pdb"]));
        Assert.That(second, Is.EqualTo(first));
    }

    private static Dictionary<string, string> Built(string folder)
    {
        string[] sources = ["src", "Directory.Build.props", "Directory.Packages.props", "README.md", "THIRD-PARTY-NOTICES.txt", Bill];
        foreach (string source in sources)
            Copy(Path.Combine(Root, source), Path.Combine(folder, source));
        var built = Processes.Run("dotnet", "build", Path.Combine(folder, "src", "Gan"), "-c", "Release", "-nodeReuse:false");
        Assert.That(built.ExitCode, Is.Zero, built.Output);
        string output = Path.Combine(folder, "src", "Gan", "bin", "Release", "net10.0");
        return Directory.EnumerateFiles(output).Where(file => Path.GetExtension(file) is ".dll" or ".pdb")
            .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
    }

    private static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }
        foreach (string entry in Directory.EnumerateFileSystemEntries(from).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj")))
            Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
    }
}

using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The README's two lines that put `gan` on the path: the package is whole, and its hints are typed as `gan`.</summary>
public sealed class PackageTests
{
    [Test]
    public void ThePackageIsATool()
    {
        string project = Path.Combine(SourceProjects.Root, "src", "Gan"), configuration = Path.GetFileName(
            Path.GetDirectoryName(TestContext.CurrentContext.TestDirectory.TrimEnd(Path.DirectorySeparatorChar))!);
        ToolRequirement.Require(
            File.Exists(Path.Combine(project, "bin", configuration, "net10.0", "gan.dll")), $"src/Gan built as {configuration}");
        using var folder = new TestFolder();
        string packages = Path.Combine(folder.Path, "packages"), tools = Path.Combine(folder.Path, "tools");
        Done("dotnet", "pack", project, "-c", configuration, "--no-build", "-o", packages);
        string package = Directory.GetFiles(packages).Single();
        using (var archive = System.IO.Compression.ZipFile.OpenRead(package))
        {
            Assert.That(
                archive.Entries.Select(entry => entry.FullName),
                Is.SupersetOf((string[])["README.md", "THIRD-PARTY-NOTICES.txt", "sbom.cdx.json"]));
            var about = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal));
            using var text = new StreamReader(about.Open());
            Assert.That(
                text.ReadToEnd(),
                Does.Contain("<license type=\"expression\">MIT</license>").And.Contain("<readme>README.md</readme>")
                    .And.Contain("<description>Trains generative adversarial networks").And.Contain("<tags>"));
        }
        Done("dotnet", "tool", "install", "--tool-path", tools, "GanFromScratch.Gan", "--source", packages);
        string gan = Directory.GetFiles(tools).Single(file => Path.GetFileNameWithoutExtension(file) == "gan");
        Assert.That(Done(gan, "version"), Does.StartWith("gan "));
        var refused = Processes.Run(gan, "odog");
        Assert.That(refused.Error, Does.Contain($"`{gan} --recipe odog` trains it"));
    }

    private static string Done(string program, params string[] arguments)
    {
        var result = Processes.Run(program, arguments);
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        return result.Output;
    }
}

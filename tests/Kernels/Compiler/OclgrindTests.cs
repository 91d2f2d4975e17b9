using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The library's OpenCL under Oclgrind, a simulator that sees races, what was never written, and what lies behind the end of memory.</summary>
[TestFixture]
internal sealed class OclgrindTests
{
    // Oclgrind takes what a fill of a buffer wrote for unwritten, and stops at an instruction of optimised code: so it looks for unwritten numbers where
    // all were uploaded, and nothing is optimised. The interpreter of PTX does so everywhere.
    private static readonly (string, string)[] Unwritten = [("OCLGRIND_UNINITIALIZED", "1"), ("OCLGRIND_BUILD_OPTIONS", "-O0")];

    [TestCase(CheckedKernels.Ops)]
    [TestCase(CheckedKernels.Step)]
    [TestCase(CheckedKernels.Constructs)]
    public void NothingIsFoundIn(string work) => Assert.That(Found(work), Is.Empty);

    [Test]
    public void NothingUnwrittenIsReadIn([Values(CheckedKernels.Constructs)] string work) => Assert.That(Found(work, Unwritten), Is.Empty);

    [Test]
    public void AnUnwrittenNumberIsFound() => Assert.That(
        Found(CheckedKernels.Unwritten, Unwritten), Does.Contain("Uninitialized value written to global memory"));

    [Test]
    public void APlantedRaceIsFound() => Assert.That(Found(CheckedKernels.Race), Does.Contain("Read-write data race at local memory"));

    [Test]
    public void AWriteBehindTheEndIsFound() => Assert.That(Found(CheckedKernels.Bounds), Does.Contain("Invalid write of size 4 at global memory"));

    /// <summary>Runs a child on the simulator, and gives its messages.</summary>
    private static string Found(string work, params (string, string)[] more)
    {
        string driver = Driver();
        using var folder = new TestFolder();
        folder.File("vendors/oclgrind.icd", System.Text.Encoding.UTF8.GetBytes(driver));
        string log = Path.Combine(folder.Path, "log");
        string[] lines = ChildProcess.Run(
            work,
            [
                ("OCL_ICD_VENDORS", Path.Combine(folder.Path, "vendors")), // the loader finds this driver and no other
                ("OCLGRIND_LOG", log),
                ("OCLGRIND_CHECK_API", "1"),
                ("OCLGRIND_DATA_RACES", "1"),
                .. more,
            ]);
        Assert.That(lines[1], Does.Contain("Oclgrind"), string.Join('\n', lines));
        Assert.That(lines[^1], Is.EqualTo("done"));
        return File.Exists(log) ? File.ReadAllText(log).Trim() : "";
    }

    /// <summary>The driver lies in a folder of libraries beside the program's.</summary>
    private static string Driver()
    {
        string tool = ToolRequirement.Tool("oclgrind");
        string libraries = Path.Combine(Path.GetDirectoryName(tool)!, "..", "lib");
        string? found = Directory.Exists(libraries)
            ? ((string[])["oclgrind", "."])
                .Select(folder => Path.GetFullPath(Path.Combine(libraries, folder, "liboclgrind-rt-icd.so")))
                .FirstOrDefault(File.Exists)
            : null;
        ToolRequirement.Require(found is not null, "Oclgrind's driver, liboclgrind-rt-icd.so");
        return found!;
    }
}

using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// The library's OpenCL on Oclgrind, a simulator that sees races, and accesses behind the end of memory: a device of OpenCL 1.2.
/// </summary>
[TestFixture]
internal sealed class OclgrindTests
{
    private TestFolder _folder = null!;

    [OneTimeSetUp]
    public void Find()
    {
        string driver = Driver();
        _folder = new TestFolder();
        _folder.File("vendors/oclgrind.icd", System.Text.Encoding.UTF8.GetBytes(driver));
    }

    [OneTimeTearDown]
    public void Clean() => _folder?.Dispose();

    [TestCase(CheckedKernels.Ops)]
    [TestCase(CheckedKernels.Products)]
    [TestCase(CheckedKernels.Convolutions)]
    [TestCase(CheckedKernels.Step)]
    [Category(SampledAttribute.Exhaustive)]
    public void NothingIsFoundIn(string work) => Assert.That(Found(work), Is.Empty);

    [Test]
    public void APlantedRaceIsFound() => Assert.That(Found(CheckedKernels.Race), Does.Contain("Read-write data race at local memory"));

    [Test]
    public void AWriteBehindTheEndIsFound() =>
        Assert.That(Found(CheckedKernels.Bounds), Does.Contain("Invalid write of size 4 at global memory"));

    /// <summary>Runs a child on the simulator, and returns the simulator's messages.</summary>
    private string Found(string work)
    {
        string log = Path.Combine(_folder.Path, $"{work}.log");
        string[] lines = ChildProcess.Run(
            work,
            ("OCL_ICD_VENDORS", Path.Combine(_folder.Path, "vendors")), // the loader finds this driver and no other
            ("OCLGRIND_LOG", log),
            ("OCLGRIND_DATA_RACES", "1"));
        Assert.That(lines[1], Does.Contain("Oclgrind"), string.Join('\n', lines));
        Assert.That(lines[^1], Is.EqualTo("done"));
        return File.Exists(log) ? File.ReadAllText(log).Trim() : "";
    }

    /// <summary>Finds the simulator's driver: in a folder of libraries beside the program's.</summary>
    private static string Driver()
    {
        string tool = ToolRequirement.Tool("oclgrind");
        string libraries = Path.Combine(Path.GetDirectoryName(tool)!, "..", "lib");
        string? found = ((string[])["oclgrind", "."])
            .Select(folder => Path.GetFullPath(Path.Combine(libraries, folder, "liboclgrind-rt-icd.so")))
            .FirstOrDefault(File.Exists);
        ToolRequirement.Require(found is not null, "Oclgrind's driver, liboclgrind-rt-icd.so");
        return found!;
    }
}

using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Names of folders and files that aren't UTF-8, or as long as a file system takes.</summary>
public sealed class OddNameTests
{
    private const string Training = "--recipe sdl --dataset digits --limit 96 --batch 32 --samples 4 --threads 1 --steps 3 -q";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp()
    {
        _gan = new GanProgram();
        ToolRequirement.Require(OperatingSystem.IsLinux() && File.Exists("/bin/bash"), "Linux and /bin/bash");
    }

    [TearDown]
    public void TearDown()
    {
        Bash("rm -rf ./*"); // .NET can't remove what it can't name
        _gan.Dispose();
    }

    // bytes of Latin 1, and a sibling of the name that they become
    [TestCase("$'f\\xfcr'")]
    [TestCase("$'\\xff\\xfe'")]
    public void ACurrentFolderThatIsNotUtf8IsRefused(string name)
    {
        var result = Bash($"mkdir {name} && cd {name} && exec {Gan} {Training}");
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Usage), result.Error);
        GanProgram.Says(result, "The current folder's name is not UTF-8");
        Assert.That(Bash("find . -name runs").Output, Is.Empty, "nothing landed anywhere");
        Assert.That(Bash($"cd {name} && exec {Gan} --help").ExitCode, Is.Zero);
    }

    [TestCase("--output")]
    [TestCase("--init-from")]
    [TestCase("--settings")]
    public void ANameThatIsNotUtf8IsRefused(string option)
    {
        var result = Bash($"exec {Gan} {Training} {option} $'a\\xffb'");
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Usage), result.Error);
        GanProgram.Says(result, "is not UTF-8");
        Assert.That(Bash("ls | grep -v cache").Output, Is.Empty);
    }

    [Test]
    public void ACurrentFolderThatWasRemovedIsSaid()
    {
        var result = Bash($"mkdir gone && cd gone && rmdir ../gone && exec {Gan} {Training}");
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Usage), result.Error);
        GanProgram.Says(result, "The current folder isn't there any more");
    }

    [Test]
    public void PicturesWithSuchNamesArePassedOverWithAWord()
    {
        _gan.Done($"{Training} --output run");
        _gan.Done("sample run --count 40 --single pictures");
        Assert.That(Bash("cp $(ls pictures/*.png | head -n 1) pictures/$'\\xe4.png'").ExitCode, Is.Zero);
        var result = _gan.Done("data pictures");
        Assert.That(result.Output, Does.Contain("(a name that is not UTF-8)"));
    }

    // a file system takes 255 bytes, and half-written files have longer names
    [TestCase(250)]
    [ExhaustiveCase(251)]
    [ExhaustiveCase(254)]
    [ExhaustiveCase(255)]
    public void LongNamesAreWritten(int length)
    {
        string folder = new('r', length), file = new string('p', length - 4) + ".png";
        _gan.Done($"{Training} --output {folder}");
        _gan.Done($"resume {folder} --steps 6 -q");
        _gan.Done($"sample {folder} --output {file} -q");
        Assert.That(new FileInfo(_gan[file]).Length, Is.Positive);
        _gan.Refused(ExitCode.Usage, $"sample {folder} --output {file}", "nothing is overwritten");
        string half = $"{new string('é', (length - 4) / 2)}.png"; // of two bytes each
        _gan.Done($"sample {folder} --output {half} -q");
    }

    [Test]
    public void LongerNamesAreRefused()
    {
        string folder = new('r', 256);
        _gan.Refused(ExitCode.Writing, $"{Training} --output {folder}", "the name is longer than the file system takes");
        _gan.Done($"{Training} --output run");
        _gan.Refused(ExitCode.Writing, $"sample run --output {folder}.png", "the name is longer than the file system takes");
    }

    private static string Gan => $"dotnet '{GanProgram.Dll}'";

    private ProcessResult Bash(string command) => _gan.RunOf(["/bin/bash", "-c", command]);
}

using GanFromScratch.Gan.Terminal;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Hints are printed in the form that was typed.</summary>
[TestFixture]
internal sealed class InvocationTests
{
    [TestCase("gan|--epochs|5", "bash", "gan")]
    [TestCase("/opt/my tools/gan", "bash", "'/opt/my tools/gan'")]
    [TestCase("dotnet|out/gan.dll|resume", "bash", "dotnet out/gan.dll")]
    [TestCase("dotnet|exec|testhost.dll", "dotnet|test", "gan")]
    [TestCase(
        "/x/bin/gan|--epochs|5", "dotnet|run|-c|Release|--project|src/Gan|--|--epochs|5", "dotnet run -c Release --project src/Gan --")]
    [TestCase("/x/bin/gan", "/usr/bin/dotnet|run|--project|src/Gan", "dotnet run --project src/Gan --")]
    [TestCase("/x/bin/gan|recipes", "dotnet|run|--project|a b|recipes", "dotnet run --project 'a b' --")]
    [TestCase("", "", "gan")]
    public void ThePrefixIsWhatStoodBeforeTheArguments(string self, string parent, string expected)
    {
        if (OperatingSystem.IsWindows())
            expected = expected.Replace('\'', '"');
        Assert.That(Invocation.Of(Split(self), Split(parent)), Is.EqualTo(expected));

        static string[] Split(string text) => text.Split('|', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Called by way of `dotnet gan.dll`, the program says so, and what it says can be typed.</summary>
    [Test]
    public void AHintCanBeTyped()
    {
        using var gan = new GanProgram();
        var result = Processes.Run("dotnet", GanProgram.Dll, "odog");
        string hint = $"dotnet {GanProgram.Dll} --recipe odog";
        Assert.That(result.Error, Does.Contain($"`{hint}`"));
        Assert.That(gan.RunOf([.. hint.Split(' '), "--dataset", "digits", "--dry-run"]).ExitCode, Is.Zero);
    }

    [TestCase("runs/0001-odog-mnist", "runs/0001-odog-mnist")]
    [TestCase("my runs/1", "'my runs/1'")]
    [TestCase("it's", @"'it'\''s'")]
    [TestCase("", "''")]
    public void PathsAreQuotedWhereAShellNeedsIt(string path, string expected)
    {
        if (!OperatingSystem.IsWindows())
            Assert.That(Invocation.Quoted(path), Is.EqualTo(expected));
        else
            Assert.That(Invocation.Quoted(path), Is.EqualTo(expected == path ? path : $"\"{path}\""));
    }
}

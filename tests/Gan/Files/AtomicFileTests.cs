using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class AtomicFileTests
{
    [Test]
    public void ContentIsWholeAndAlone()
    {
        using var folder = new TemporaryFolder();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);

        AtomicFile.Write(folder["a.bin"], stream =>
        {
            stream.Write(content);
            Assert.That(File.Exists(folder["a.bin"]), Is.False, "nothing at the final name before the end");
            Assert.That(Names(folder), Is.EqualTo(new[] { ".a.bin.tmp" }));
        });

        Assert.That(File.ReadAllBytes(folder["a.bin"]), Is.EqualTo(content));
        Assert.That(Names(folder), Is.EqualTo(new[] { "a.bin" }));
    }

    [Test]
    public void AnExistingFileStaysUntilTheNewOneIsWhole()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["a.txt"], "a long first content");
        AtomicFile.Write(folder["a.txt"], stream =>
        {
            stream.WriteByte((byte)'b');
            stream.Flush();
            Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("a long first content"));
        });
        Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("b"));
    }

    [Test]
    public void AfterAnExceptionEverythingIsAsBefore([Values] bool existed)
    {
        using var folder = new TemporaryFolder();
        if (existed)
            AtomicFile.WriteText(folder["a.txt"], "old");

        var thrown = Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a.txt"], stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("mine");
        }))!;

        Assert.That(thrown.Message, Is.EqualTo("mine"));
        Assert.That(Names(folder), Is.EqualTo(existed ? ["a.txt"] : Array.Empty<string>()));
        if (existed)
            Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("old"));
    }

    [Test]
    public void AWholeFilesErrorWithinKeepsItsCode()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<GanException>(() =>
            AtomicFile.Write(folder["a.bin"], stream => stream.Write(Pictures.Read(folder["missing.png"]).Pixels)))!;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(Names(folder), Is.Empty);
    }

    [Test]
    public void WhatAKillLeftIsReplaced()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[".a.txt.tmp"], "half of something much longer than what comes now");
        AtomicFile.WriteText(folder["a.txt"], "new");
        Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("new"));
        Assert.That(Names(folder), Is.EqualTo(new[] { "a.txt" }));
    }

    [Test]
    public void AMissingFolderIsSaid()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["gone"], "a.txt");
        var error = AssertWritingFails(() => AtomicFile.WriteText(path, "x"));
        Assert.That(error.Message, Does.Contain(path).And.Contain("isn't there").And.Contain("choose another"));
    }

    [Test]
    public void AFolderInTheFilesPlaceIsSaidAndKept()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a.txt"]);
        File.WriteAllText(Path.Combine(folder["a.txt"], "inside"), "kept");
        var error = AssertWritingFails(() => AtomicFile.WriteText(folder["a.txt"], "x"));
        Assert.That(error.Message, Does.Contain("a folder has that name"));
        Assert.That(Names(folder), Is.EqualTo(new[] { "a.txt", "inside" }));
    }

    // errors have the system's own number: 28 is Linux's ENOSPC
    [TestCase(28, "the disk is full")]
    [TestCase(unchecked((int)0x80070070), "the disk is full")]
    [TestCase(5, "check the disk")]
    public void AnErrorOfTheDiskIsSaid(int number, string words)
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["a.txt"], "old");
        var error = AssertWritingFails(() => AtomicFile.Write(folder["a.txt"], _ => throw new IOException("the system's words.", number)));
        Assert.That(error.Message, Does.Contain(words).And.Contain(folder["a.txt"]));
        Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("old"));
        Assert.That(Names(folder), Is.EqualTo(new[] { "a.txt" }));
    }

    [Test]
    public void AMissingPermissionIsSaid()
    {
        using var folder = new TemporaryFolder();
        var error = AssertWritingFails(
            () => AtomicFile.Write(folder["a.txt"], _ => throw new UnauthorizedAccessException("the system's words")));
        Assert.That(error.Message, Does.Contain("the permission is missing").And.Contain($"allow writing in {folder.Path}"));
        Assert.That(Names(folder), Is.Empty);
    }

    [Test]
    public void APlaceWhereNothingCanBeMadeIsSaid()
    {
        ToolRequirement.Require(Directory.Exists("/proc/self"), "/proc");
        var error = AssertWritingFails(() => AtomicFile.WriteText("/proc/self/a.txt", "x"));
        Assert.That(error.Message, Does.StartWith("Writing /proc/self/a.txt failed"));
    }

    [Test]
    public void ANameWithoutFolderIsInTheCurrentOne()
    {
        string name = $"gan-test-{Guid.NewGuid():N}.txt";
        try
        {
            AtomicFile.WriteText(name, "é");
            Assert.That(File.ReadAllBytes(name), Is.EqualTo(Encoding.UTF8.GetBytes("é")));
        }
        finally
        {
            File.Delete(name);
        }
    }

    private static GanException AssertWritingFails(Action write)
    {
        var error = Assert.Throws<GanException>(write)!;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Writing));
        return error;
    }

    private static string[] Names(TemporaryFolder folder) =>
        [.. Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()];
}

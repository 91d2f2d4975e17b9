using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Causes are read from the error, whatever the disk looks like.</summary>
[Quick]
public sealed class FileFaultTests
{
    [TestCase(2, "the place takes no files")]
    [TestCase(5, "the disk reports an error")]
    [TestCase(11, "another program uses it")]
    [TestCase(13, "the permission is missing")]
    [TestCase(20, "a part of the path is a file")]
    [TestCase(21, "a folder has that name")]
    [TestCase(24, "too many files are open (ulimit -n)")]
    [TestCase(28, "the disk is full")]
    [TestCase(122, "the disk is full")]
    [TestCase(30, "the file system is read-only")]
    [TestCase(36, "the name is longer than the file system takes")]
    [TestCase(40, "its links lead in a circle")]
    [TestCase(unchecked((int)0x80070013), "the file system is read-only")]
    [TestCase(unchecked((int)0x80070020), "another program uses it")]
    [TestCase(unchecked((int)0x80070070), "the disk is full")]
    public void ByItsNumber(int number, string cause)
    {
        // a folder of that name is no reason to name it
        string folder = TestContext.CurrentContext.TestDirectory;
        Assert.That(FileFault.Cause(new IOException("the system's words", number), folder), Is.EqualTo(cause));
        Assert.That(FileFault.IsOne(new IOException("the system's words", number)), Is.True);
    }

    [Test]
    public void WhatTheSystemDoes()
    {
        using var folder = new TestFolder();
        string missing = Path.Combine(folder.Path, "a", "b", "c.txt");
        Assert.That(Of(() => File.ReadAllBytes(missing)), Is.EqualTo($"there is no folder {Path.Combine(folder.Path, "a")}"));
        string file = folder.File("file", [1]);
        Assert.That(Of(() => File.ReadAllBytes(Path.Combine(folder.Path, "none"))), Is.EqualTo("there is no such file or folder"));
        Assert.That(Of(() => File.ReadAllBytes(folder.Path), folder.Path), Is.EqualTo("a folder has that name"));
        Assert.That(Of(() => Directory.GetFiles(file), file), Is.Not.Empty.And.Not.Contains("Exception"));
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.That(Of(() => File.ReadAllBytes(file), file), Is.EqualTo("another program uses it"));
        string longest = Path.Combine(folder.Path, new string('n', 300));
        if (!OperatingSystem.IsWindows())
            Assert.That(Of(() => File.WriteAllBytes(longest, []), longest), Is.EqualTo("the name is longer than the file system takes"));

        string Of(Action act, string? path = null)
        {
            var fault = Assert.Catch(() => act())!;
            return FileFault.Cause(fault, path ?? (fault is FileNotFoundException { FileName: { } name } ? name : missing));
        }
    }

    [Test]
    public void OnesOwnWordsStay() =>
        Assert.That(FileFault.Cause(new IOException("More bytes than the file has."), "x"), Is.EqualTo("More bytes than the file has"));

    [Test]
    public void OthersAreNone()
    {
        Assert.That(FileFault.IsOne(new InvalidOperationException()), Is.False);
        Assert.That(FileFault.IsOne(new ArgumentOutOfRangeException("other")), Is.False);
        Assert.That(FileFault.IsOne(new ArgumentOutOfRangeException("value")), Is.True, "a file too large for the system");
    }
}

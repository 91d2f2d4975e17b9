using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class ProgramCacheTests
{
    private static readonly byte[] Program = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void WhatWasKeptIsFound()
    {
        string folder = Path.Combine(_folder.Path, "new", "programs"), key = ProgramCache.Key("text", "driver");
        var cache = new ProgramCache(folder);
        Assert.That(cache.Find(key), Is.Null);
        cache.Keep(key, Program);
        Assert.That(cache.Find(key), Is.EqualTo(Program));
        cache.Keep(key, Program.AsSpan(0, 10));
        Assert.That(new ProgramCache(folder).Find(key), Is.EqualTo(Program[..10]));
        Assert.That(cache.Find(ProgramCache.Key("text", "newer driver")), Is.Null);
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1), "a temporary file stayed");
    }

    [Test]
    public void KeysDifferWhereAnyPartDoes()
    {
        string[] keys = [ProgramCache.Key("ab", "c"), ProgramCache.Key("a", "bc"), ProgramCache.Key("abc"), ProgramCache.Key("ab", "c", ""), ProgramCache.Key("AB", "c")];
        Assert.That(keys, Is.Unique.And.All.Match("^[0-9a-f]{64}$"));
        Assert.That(ProgramCache.Key("ab", "c"), Is.EqualTo(keys[0]));
    }

    [Test]
    public void ADamagedOrForeignFileIsAsGoodAsNone([Values("bit", "cut", "empty", "short", "longer", "other")] string damage)
    {
        var cache = new ProgramCache(_folder.Path);
        string key = ProgramCache.Key("text");
        cache.Keep(key, Program);
        string path = Path.Combine(_folder.Path, key);
        byte[] file = File.ReadAllBytes(path);
        file[500] ^= (byte)(damage == "bit" ? 1 : 0);
        if (damage == "other")
            cache.Keep(ProgramCache.Key("other"), Program); // whole, but another program's
        File.WriteAllBytes(path, damage switch
        {
            "cut" => file[..^1],
            "empty" => [],
            "short" => file[..20],
            "longer" => [.. file, 0],
            "other" => File.ReadAllBytes(Path.Combine(_folder.Path, ProgramCache.Key("other"))),
            _ => file,
        });
        Assert.That(cache.Find(key), Is.Null);
        cache.Keep(key, Program);
        Assert.That(cache.Find(key), Is.EqualTo(Program));
    }

    [Test]
    public void AFolderThatCantBeWrittenToIsNoError()
    {
        string file = _folder.File("in the way", [1]);
        var cache = new ProgramCache(Path.Combine(file, "programs"));
        cache.Keep("key", Program);
        Assert.That(cache.Find("key"), Is.Null);
        string kernel = $"kernel-{Guid.NewGuid():N}";
        string path = cache.KeepRejected("text", kernel, ".cl")!;
        Assert.That(Path.GetDirectoryName(path), Is.EqualTo(Path.TrimEndingDirectorySeparator(Path.GetTempPath())));
        Assert.That(File.ReadAllText(path), Is.EqualTo("text"));
        File.Delete(path);
    }

    [Test]
    public void SettingsComeFromTheEnvironment()
    {
        DeviceSettings Settings(params (string Name, string Value)[] variables) =>
            DeviceSettings.From(name => variables.FirstOrDefault(pair => pair.Name == name).Value, TextWriter.Null);
        string own = Path.Combine(_folder.Path, "own"), xdg = Path.Combine(_folder.Path, "xdg");
        Assert.That(Settings(("GAN_CACHE_DIR", own), ("XDG_CACHE_HOME", xdg)).Cache, Is.EqualTo(Path.Combine(own, "programs")));
        Assert.That(Settings(("XDG_CACHE_HOME", xdg)).Cache, Is.EqualTo(Path.Combine(xdg, "gan-from-scratch", "programs")));
        Assert.That(Settings(("GAN_DEBUG", "2")).DebugLevel, Is.EqualTo(2));
        Assert.That(new[] { Settings().DebugLevel, Settings(("GAN_DEBUG", "yes")).DebugLevel, Settings(("GAN_DEBUG", "-1")).DebugLevel }, Has.All.Zero);
    }
}

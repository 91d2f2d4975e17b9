using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Which files a folder gives, and what is said of those that can't be used.</summary>
[TestFixture]
[Quick]
internal sealed class GoldenFileTests
{
    [Test]
    public void AFolderGivesItsFilesAndNothingElse()
    {
        using var folder = new TestFolder();
        foreach (string name in (string[])["b.json", "a.json", "a.txt", "inner/c.json"])
            folder.File(name, []);
        Assert.That(GoldenFile.Names(folder.Path), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void NoFilesAreOneThatCannotBeRead()
    {
        using var folder = new TestFolder();
        (string, string)[] none = [(folder.Path, "holds none"), (Path.Combine(folder.Path, "missing"), "is no folder")];
        foreach (var (path, reason) in none)
        {
            string name = GoldenFile.Names(path).Single();
            Assert.That(
                () => GoldenFile.Read(path, name),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(path).And.Message.Contains(reason));
        }
    }

    [TestCase("odog", "\n \"case\"", "garbage", "'g' is an invalid start of a property name")]
    [TestCase("odog", "\"batch\": 128", "\"bunch\": 128", "missing required properties including: 'batch'")]
    [TestCase("odog", "\"batch\": 128", "\"batch\": \"128\"", "$.batch")]
    [TestCase("odog", "\"batch\": 128", "\"batch\": 0", "a batch of 0")]
    [TestCase("odog", "\"as_written\": false", "\"as_written\": null", "$.as_written")]
    [TestCase("odog", "\"steps\": 3", "\"steps\": 4", "float64 has 3 d_loss and 3 g_loss for 4 steps")]
    [TestCase("odog", "\"recipe\": \"odog\"", "\"recipe\": \"dogo\"", "There is no recipe 'dogo'")]
    [TestCase("odog", "\"recipe\": \"odog\"", "\"recipe\": \"sdl\"", "float64 grad has G/bn1/weight")]
    [TestCase("odog", "\"dataset\": \"mnist\"", "\"dataset\": \"mist\"", "no data set 'mist'")]
    [TestCase("odog", "\"G/fc2/bias\"", "\"G/fc2/biass\"", "float64 grad lacks G/fc2/bias")]
    [TestCase("odog", "\"G/bn2/running_var\"", "\"G/bn2/running\"", "float64 final lacks G/bn2/running_var")]
    [TestCase("odog", "\"at\": [", "\"at\": [0, ", "float64 grad G/fc1/weight has not sixteen")]
    [TestCase("odog", "\"sum_sq\": ", "\"sum_sq\": 9e999, \"was\": ", "float64 grad G/fc1/weight has a number")]
    [TestCase("penalties-tanh", "\"activation\": \"tanh\"", "\"activation\": \"relu\"", "no activation 'relu'")]
    [TestCase("penalties-tanh", "\"activation\": \"tanh\"", "\"act\": \"tanh\"", "missing required properties including: 'activation'")]
    [TestCase("penalties-tanh", "\"r1\"", "\"r2\"", "missing required properties including: 'r1'")]
    [TestCase("penalties-tanh", "\"D/fc3/bias\"", "\"D/fc4/bias\"", "float64 wgan_gp grad lacks D/fc3/bias")]
    public void WhatCannotBeUsedIsRefused(string name, string old, string changed, string reason)
    {
        string text = File.ReadAllText(Path.Combine(GoldenFile.BuiltIn, name + ".json"));
        Assert.That(
            () => GoldenFile.Parse(text.Replace(old, changed)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
    }

    [TestCase("", "does not contain any JSON")]
    [TestCase("[]", "it is no object, but Array")]
    [TestCase("{}", "missing required properties including: 'recipe'")]
    public void WhatIsNoGoldenFileIsRefused(string text, string reason) =>
        Assert.That(() => GoldenFile.Parse(text), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
}

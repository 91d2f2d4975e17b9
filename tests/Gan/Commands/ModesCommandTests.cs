using System.Globalization;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan modes`.</summary>
public sealed class ModesCommandTests
{
    private const string Short = "--steps 40 --layers 1 --width 16 --batch 32";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void ARunForEachSetAndSeedWithPictures()
    {
        var result = _gan.Done($"modes {Short} --seeds 3-5 --threads 2 --output found");
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Contain("losses  --loss relativistic --r1 0.1 --r2 0.1 --ema 0.999 --lr-decay cosine"));
        Assert.That(
            result.Output,
            Does.Match(@"ring, 3 seeds: [\d.]+±[\d.]+ of 8 modes, [\d.]+±[\d.]+ % within 3 sigma, reverse KL [\d.]+±[\d.]+"));
        Assert.That(result.Output, Does.Match(@"grid, 3 seeds: [\d.]+±[\d.]+ of 25 modes"));
        string[][] rows = [.. File.ReadAllLines(_gan["found", "modes.csv"]).Select(line => line.Split(','))];
        Assert.That(rows[0], Is.EqualTo(new[] { "set", "seed", "modes", "of", "high_quality", "reverse_kl", "steps", "seconds" }));
        Assert.That(
            rows[1..].Select(row => row[0] + row[1]).Order(), Is.EqualTo(new[] { "grid3", "grid4", "grid5", "ring3", "ring4", "ring5" }));
        foreach (string set in new[] { "ring", "grid" })
        {
            Assert.That(Pictures.Read(_gan["found", $"{set}.png"]).Width, Is.EqualTo(400));
            Assert.That(File.ReadAllBytes(_gan["found", $"{set}.gif"])[..6], Is.EqualTo("GIF89a"u8.ToArray()));
        }
    }

    /// <summary>The whole way of stacked digits, with a classifier, for a few steps.</summary>
    [Test]
    public void StackedDigitsAreCounted()
    {
        LabelledDigits.Put(part => _gan.Put(Path.Combine("set", part.Name), part.Content));
        _gan.Done("modes --set stacked --dataset fashion-mnist --data-dir set --steps 2 --batch 8 --width 4 --seeds 5 --output found");
        string[] row = File.ReadAllLines(_gan["found", "modes.csv"])[1].Split(',');
        Assert.That((row[0], row[1], row[3], row[4], row[6]), Is.EqualTo(("stacked", "5", "1000", "", "2")));
        Assert.That(int.Parse(row[2], CultureInfo.InvariantCulture), Is.InRange(1, 200), "G has hardly learned");
        Assert.That(Pictures.Read(_gan["found", "stacked.png"]).Channels, Is.EqualTo(3));
    }

    [TestCase("--set stacked --layers 3", "--layers: the pictures' size decides")]
    [TestCase("--set stacked --pack 2", "--pack lays pictures end to end")]
    [TestCase("--set ring --data-dir .", "--data-dir: the set ring is drawn, not read")]
    [TestCase("--dataset digits", "--dataset: the set both is made of no pictures")]
    public void WhatASetCannotTakeIsRefused(string arguments, string says) => _gan.Refused(ExitCode.Usage, $"modes {arguments}", says);

    [Test]
    public void TheSameSeedGivesTheSameFiguresAloneAndSideBySide()
    {
        _gan.Done($"modes {Short} --set ring --seeds 1-2 --threads 2 --output many");
        _gan.Done($"modes {Short} --set ring --seeds 2 --threads 1 --output one");
        string[] Row(string run) => File.ReadAllLines(_gan[run, "modes.csv"]).Select(line => line.Split(','))
            .Single(row => row[1] == "2")[..7];
        Assert.That(Row("many"), Is.EqualTo(Row("one")));
    }

    [Test]
    public void OnARingTheLossThatFindsAllModesSoonDoes()
    {
        _gan.Done("modes --set ring --steps 1500 --width 64 --seeds 0-1 --output found");
        foreach (string line in File.ReadAllLines(_gan["found", "modes.csv"])[1..])
        {
            string[] row = line.Split(',');
            Assert.That((row[2], row[3]), Is.EqualTo(("8", "8")), line);
            Assert.That(double.Parse(row[5], CultureInfo.InvariantCulture), Is.LessThan(0.05), line);
        }
    }

    [Test]
    public void AnInterruptionTellsWhatWasFound()
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        using var process = _gan.Start("modes --set ring --steps 100000000 --layers 1 --width 4 --batch 4 --threads 1 --output found");
        while (!File.Exists(_gan["found", "settings.json"]) && !process.HasExited)
            Thread.Sleep(20);
        Thread.Sleep(300);
        Processes.Run("/bin/bash", "-c", $"kill -INT {process.Id}");
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        string says = "Ctrl-C: finishing the step; again to stop at once.\nInterrupted after 0 of 1 run; their scores are in found.\n";
        Assert.That((process.ExitCode, error), Is.EqualTo(((int)ExitCode.Interrupted, says)));
    }

    [Test]
    public void ASeedThatDivergesStopsNoOther()
    {
        // a rate at which every seed overflows
        var result = _gan.Refused(
            ExitCode.Diverged, "modes --set ring --loss lsgan --learning-rate 1e30 --steps 200 --seeds 0-1 --output found",
            "ring, seed", "--learning-rate");
        Assert.That(result.Output, Does.Contain("ring, seed 0: diverged").And.Contain("ring, seed 1: diverged"));
        Assert.That(
            File.ReadAllText(_gan["found", "settings.json"]), Does.Contain("\"learning_rate\": 1E+30").And.Contain("\"loss\": \"lsgan\""));
    }

    [TestCase("--seeds 5-2", "--seeds: '5-2' is no range of seeds")]
    [TestCase("--seeds x", "--seeds: 'x' is no range of seeds")]
    [TestCase("--set square", "--set: 'square' is unknown. Give one of ring, grid, both")]
    [TestCase("--loss bce --batch 10 --pack 3", "A batch of 10 can't be split into packs of 3")]
    [TestCase("--loss wgan --label-smoothing 0.1", "--label-smoothing needs labels")]
    [TestCase("--loss nothing", "--loss: 'nothing' is unknown. Give one of")]
    public void NonsenseIsRefused(string arguments, string says) => _gan.Refused(ExitCode.Usage, $"modes {arguments}", says);
}

using System.Text.Json;
using GanFromScratch.Gan;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` on a graphics card that fails in the middle.</summary>
public sealed class LostDeviceTests
{
    private const string Train = "--device cuda --dataset digits --limit 256 --batch 32 --epochs 4 --output run";

    private StandInCuda _cuda = null!;

    [SetUp]
    public void SetUp() => _cuda = new StandInCuda();

    [TearDown]
    public void TearDown() => _cuda?.Dispose();

    [Test]
    public void WhatWasWrittenBeforeStaysWhole()
    {
        _cuda.Done(Train.Replace("--output run", "--output whole"));
        long launches = _cuda.Counts()["launches"];
        // finalizers run often: what one throws ends the process
        var result = _cuda.Run(Train, $"STAND_IN_LOST_AFTER={launches * 5 / 8}", "DOTNET_GCgen0size=10000"); // in the third of four epochs
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Device), result.Error);
        GanProgram.Says(result, "The device cuda:0", "Stand-In 0", "failed while it", "CUDA_ERROR_LAUNCH_FAILED", "run again, or on another device.");
        var counts = _cuda.Counts();
        Assert.That(counts["contexts_destroyed"], Is.EqualTo(1));
        Assert.That(counts["calls_when_lost"], Is.LessThanOrEqualTo(2), "the first error is the last but for the end's");

        string[] rows = File.ReadAllLines(_cuda["run", "loss.csv"]);
        Assert.That(rows, Has.Length.InRange(2, 4), "a head and the epochs that ended");
        Assert.That(rows.Skip(1).Select(row => row[..2]), Is.EqualTo(Enumerable.Range(1, rows.Length - 1).Select(epoch => $"{epoch},")));
        Assert.That(File.ReadLines(_cuda["run", "metrics.jsonl"]).Select(line => JsonDocument.Parse(line)), Has.Exactly(rows.Length - 1).Items);
        string[] grids = Directory.GetFiles(_cuda["run", "samples"], "epoch-*.png");
        Assert.That(grids, Has.Length.InRange(1, rows.Length));
        foreach (string grid in grids)
            Assert.That(Png.Read(grid).Width, Is.Positive);
        Assert.That(File.ReadAllText(_cuda["run", "loss.svg"]).TrimEnd(), Does.EndWith("</svg>"));
        Assert.That(Directory.GetFiles(_cuda["run"], "*", SearchOption.AllDirectories).Select(Path.GetFileName), Has.None.StartsWith("."), "no part of a file is left");
    }

    /// <summary>The first kernel, and one among those that are compiled in the first step, between which the driver is asked for much else.</summary>
    [Test]
    public void ALossAtTheBeginningIsSaid([Values(0, 20)] int after)
    {
        _cuda.Fails(Train + " --quiet", "What it was computing is lost; run again, or on another device.", $"STAND_IN_LOST_AFTER={after}", "DOTNET_GCgen0size=10000");
        Assert.That(_cuda.Counts()["contexts_destroyed"], Is.EqualTo(1));
    }
}

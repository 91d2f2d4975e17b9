using System.Text.Json;
using GanFromScratch.Gan;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` on a graphics card that fails in the middle: a libcuda of the test's own, which the program finds before any other.</summary>
public sealed class LostDeviceTests
{
    private const string Train = "--device cuda --dataset digits --limit 256 --batch 32 --epochs 4 --output run";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp()
    {
        ToolRequirement.Require(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "/usr/bin/gcc on Linux");
        _gan = new GanProgram();
        Directory.CreateDirectory(_gan["driver"]);
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Gan", "Commands", "LostCuda.c");
        var built = Processes.Run("/usr/bin/gcc", "-std=c11", "-shared", "-fPIC", "-o", _gan["driver", "libcuda.so.1"], source);
        Assert.That(built.ExitCode, Is.Zero, built.Error);
    }

    [TearDown]
    public void TearDown() => _gan?.Dispose();

    [Test]
    public void WhatWasWrittenBeforeStaysWhole()
    {
        long whole = LaunchesOf(Train.Replace("--output run", "--output whole"));
        var result = Run(Train, lostAfter: whole * 5 / 8); // in the third of four epochs
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Device), result.Error);
        GanProgram.Says(result, "The device cuda:0", "Failing Card", "failed while it", "CUDA_ERROR_LAUNCH_FAILED", "run again, or on another device.");

        string[] rows = File.ReadAllLines(_gan["run", "loss.csv"]);
        Assert.That(rows, Has.Length.InRange(2, 4), "a head and the epochs that ended");
        Assert.That(rows.Skip(1).Select(row => row[..2]), Is.EqualTo(Enumerable.Range(1, rows.Length - 1).Select(epoch => $"{epoch},")));
        Assert.That(File.ReadLines(_gan["run", "metrics.jsonl"]).Select(line => JsonDocument.Parse(line)), Has.Exactly(rows.Length - 1).Items);
        string[] grids = Directory.GetFiles(_gan["run", "samples"], "epoch-*.png");
        Assert.That(grids, Has.Length.InRange(rows.Length - 1, rows.Length));
        foreach (string grid in grids)
            Assert.That(Png.Read(grid).Width, Is.Positive);
        Assert.That(File.ReadAllText(_gan["run", "loss.svg"]).TrimEnd(), Does.EndWith("</svg>"));
        Assert.That(Directory.GetFiles(_gan["run"], "*", SearchOption.AllDirectories).Select(Path.GetFileName), Has.None.StartsWith("."), "no part of a file is left");
    }

    /// <summary>Launches of a run that is not disturbed.</summary>
    private long LaunchesOf(string train)
    {
        var result = Run(train, lostAfter: long.MaxValue);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        return long.Parse(File.ReadAllText(_gan["driver", "launches"]));
    }

    private ProcessResult Run(string arguments, long lostAfter) => _gan.RunOf(
        ["env", $"LD_LIBRARY_PATH={_gan["driver"]}", $"LOST_AFTER={lostAfter}", $"LAUNCHES={_gan["driver", "launches"]}", "dotnet", GanProgram.Dll, .. arguments.Split(' ')]);
}

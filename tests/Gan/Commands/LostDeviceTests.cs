using System.Runtime.CompilerServices;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` on a graphics card that fails in the middle.</summary>
[TestFixture]
internal sealed class LostDeviceTests : OnStandInCuda
{
    private const string Train = "--device cuda --dataset digits --limit 256 --batch 32 --epochs 4 --output run";

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WhatWasWrittenBeforeStaysWhole()
    {
        Cuda.Done(Train.Replace("--output run", "--output whole"));
        long launches = Cuda.Counts()["launches"];
        var result = Cuda.Run(Train, $"STAND_IN_LOST_AFTER={launches * 5 / 8}"); // in the third of four epochs
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Device), result.Error);
        string[] says = ["The device cuda:0 (Stand-In 0) failed while it", "CUDA_ERROR_LAUNCH_FAILED", "run again, or on another device."];
        GanProgram.Says(result, says);
        var counts = Cuda.Counts();
        Assert.That(counts["contexts_destroyed"], Is.EqualTo(1));
        Assert.That(counts["calls_when_lost"], Is.LessThanOrEqualTo(2), "the first error is the last but for the end's");

        string[] rows = File.ReadAllLines(Cuda["run", "loss.csv"]);
        Assert.That(rows, Has.Length.InRange(2, 4), "a head and the epochs that ended");
        var epochs = Enumerable.Range(1, rows.Length - 1);
        Assert.That(rows.Skip(1).Select(row => row[..2]), Is.EqualTo(epochs.Select(epoch => $"{epoch},")));
        var metrics = File.ReadLines(Cuda["run", "metrics.jsonl"]).Select(line => JsonDocument.Parse(line));
        Assert.That(metrics, Has.Exactly(rows.Length - 1).Items);
        string[] grids = Directory.GetFiles(Cuda["run", "samples"], "epoch-*.png");
        Assert.That(grids, Has.Length.InRange(1, rows.Length));
        foreach (string grid in grids)
            Assert.That(Pictures.Read(grid).Width, Is.Positive);
        Assert.That(File.ReadAllText(Cuda["run", "loss.svg"]).TrimEnd(), Does.EndWith("</svg>"));
        string[] files = Directory.GetFiles(Cuda["run"], "*", SearchOption.AllDirectories);
        Assert.That(files.Select(Path.GetFileName), Has.None.StartsWith("."), "no part of a file is left");
    }

    /// <summary>The first kernel, and one among those that are compiled in the first step.</summary>
    [Test]
    public void ALossAtTheBeginningIsSaid([Values(0, 20)] int after)
    {
        string says = "What it was computing is lost; run again, or on another device.";
        Cuda.Fails(Train + " --quiet", says, $"STAND_IN_LOST_AFTER={after}");
        Assert.That(Cuda.Counts()["contexts_destroyed"], Is.EqualTo(1));
    }

    /// <summary>What a finalizer throws would end the process, and ILGPU's make the lost context current.</summary>
    [Test]
    public void FinalizersLeaveALostDeviceAlone()
    {
        var settings = Cuda.Environment.Append("STAND_IN_LOST_AFTER=0").Select(setting => setting.Split('='));
        string[] lines = ChildProcess.Run(ChildProcess.LossWork, [.. settings.Select(parts => (parts[0], parts[1]))]);
        Assert.That(lines[^1], Does.StartWith("The device cuda:0 (Stand-In 0) failed while it ran "));
        Assert.That(Cuda.Counts()["calls_when_lost"], Is.EqualTo(1), "at the end");
    }
}

/// <summary>A device that is lost and forgotten, in a process of its own.</summary>
internal static class LostDevice
{
    /// <summary>Loses a device at its first kernel.</summary>
    /// <returns>What was said of it.</returns>
    public static string Lose()
    {
        string words = Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return words;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // or the device would be held until the end
    private static string Forget()
    {
        var catalog = new DeviceCatalog();
        using var device = catalog.Open(catalog.Find("cuda", null), new DeviceSettings("", 0, TextWriter.Null));
        var fault = Assert.Throws<DeviceException>(() => DeviceRounding.Difference(device))!;
        Assert.That(() => new Tensor(device, new Shape(12_345)), Throws.TypeOf<DeviceException>());
        GC.Collect(); // the buffer that couldn't be made is forgotten before the device is
        GC.WaitForPendingFinalizers();
        return fault.Message;
    }
}

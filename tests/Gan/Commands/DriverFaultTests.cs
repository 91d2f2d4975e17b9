using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Lets each call of a graphics card's driver fail in turn, from a run's start to its end: the run ends with a sentence and the device's
/// exit code, or does without what failed; its files are whole, and it goes on on the processor.
/// </summary>
[TestFixture]
internal sealed class DriverFaultTests : OnStandInCuda
{
    private const int OutOfMemory = 2, LaunchFailed = 719, Unknown = 999;
    private const string Train =
        "train --device cuda --recipe sdl --dataset digits --limit 64 --batch 16 --samples 4 --epochs 2 --checkpoint-every 1 "
        + "--sample-every 1 --output run -q";

    /// <summary>One call of so many.</summary>
    [TestCase(1000)]
    [ExhaustiveCase(100)]
    public void EachCallMayFail(int oneOf)
    {
        oneOf = Math.Max(1, oneOf / Thoroughness.Factor);
        Cuda.Done(Train);
        int calls = (int)Cuda.Counts()["calls"], failed = 0, survived = 0;
        Assert.That(calls, Is.GreaterThan(200));
        GoesOnOnTheProcessor("no call fails", ended: true);
        for (int call = 1; call <= calls; call += oneOf)
        {
            int code = (call / oneOf % 3) switch
            {
                0 => LaunchFailed,
                1 => OutOfMemory,
                _ => Unknown,
            };
            if (Directory.Exists(Cuda["run"]))
                Directory.Delete(Cuda["run"], recursive: true);
            string where = $"call {call} of {calls} gives {code}";
            var result = Cuda.Run(Train, $"STAND_IN_FAILS_AT={call}", $"STAND_IN_FAILS_WITH={code}");
            if (result.ExitCode == 0)
            {
                survived++;
            }
            else
            {
                failed++;
                Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Device), $"{where}: {result.Error}");
                Assert.That(result.Error, Does.Contain("cuda").And.Contain("."), where);
                Assert.That(result.Error, Does.Not.Contain("\n   at ").And.Not.Contain("Exception"), where);
            }
            GoesOnOnTheProcessor(where, result.ExitCode == 0);
        }
        TestContext.Out.WriteLine($"{calls} calls: {failed} ended the run, {survived} were done without");
        Assert.That(failed, Is.Positive);
    }

    private void GoesOnOnTheProcessor(string where, bool ended)
    {
        if (!Directory.Exists(Cuda["run"]))
            return; // it failed before there was a run
        string[] files = Directory.GetFiles(Cuda["run"], "*", SearchOption.AllDirectories);
        Assert.That(files.Select(Path.GetFileName), Has.None.StartsWith("."), $"{where}: no part of a file is left");
        foreach (string grid in Directory.GetFiles(Cuda["run", "samples"], "*.png"))
            Assert.That(Pictures.Read(grid).Width, Is.Positive, where);
        var resumed = Cuda.Run($"resume run --device cpu --epochs {(ended ? 3 : 2)} -q");
        Assert.That(resumed.ExitCode, Is.Zero, $"{where}: {resumed.Error}");
    }
}

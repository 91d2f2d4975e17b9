using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Runs that are killed at random moments, again and again, end in the bytes of one that never was.</summary>
public sealed class KillTests
{
    private const int KillsOfConvolutions = 6, Interruptions = 8, MostInterruptions = 60;
    private const string Training = "--recipe sdl --dataset digits --limit 96 --batch 32 --samples 4 --threads 1 -q";

    private const string OfConvolutions =
        "--dataset digits --limit 20 --batch 10 --samples 4 --threads 1 --sample-every 2 --checkpoint-every 1 -q";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    // A life has some tens of epochs, each of a few milliseconds with a checkpoint, a grid and two logs: most kills meet a file that is
    // being written.
    [TestCase(6)]
    [ExhaustiveCase(100)]
    [CancelAfter(900_000)]
    public void KillsLoseNothing(int kills)
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        var random = new Random(20261124);
        int epochs = 0, unfinished = 0, killed = 0;
        string arguments = $"{Training} --epochs 100000 --sample-every 7 --checkpoint-every 1 --keep 3 --output killed";
        for (; killed < kills; killed++)
        {
            using var process = _gan.Start(arguments);
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            Processes.WaitUntil(process, () => Epochs() > epochs); // so that it gets on
            Thread.Sleep(random.Next(60));
            Assert.That(process.HasExited, Is.False, () => error.Result);
            process.Kill(); // SIGKILL
            process.WaitForExit();
            unfinished += Directory.EnumerateFiles(_gan["killed"], ".*.tmp", SearchOption.AllDirectories).Count();
            epochs = NewestEpoch();
            arguments = "resume killed -q";
        }
        Assert.That(killed, Is.EqualTo(kills));
        if (kills >= 100) // of few, none may
            Assert.That(unfinished, Is.Positive, "no kill met a file that was being written, so this test has shown little");

        int end = epochs + 3;
        _gan.Done($"resume killed --epochs {end} -q");
        _gan.Done($"{Training} --epochs {end} --sample-every 7 --checkpoint-every 1 --keep 3 --output whole");
        RunFiles.Same(_gan["whole"], _gan["killed"]);
    }

    // steps of convolutions are longer, and checkpoints are larger: fewer lives
    [ExhaustiveCase("cgan")]
    [ExhaustiveCase("dcgan")]
    [ExhaustiveCase("acgan")]
    [ExhaustiveCase("stable-conv --conditional --augment both --lr-decay none")]
    [CancelAfter(900_000)]
    public void KillsOfConvolutionalRunsLoseNothing(string recipe)
    {
        int epochs = (KilledAgainAndAgain($"{OfConvolutions} --recipe {recipe} --epochs 100000") / 2) + 1;
        _gan.Done($"resume killed --epochs {epochs} -q");
        _gan.Done($"{OfConvolutions} --recipe {recipe} --epochs {epochs} --output whole");
        RunFiles.Same(_gan["whole"], _gan["killed"]);
    }

    // whose length can't be changed
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    [CancelAfter(900_000)]
    public void KillsOfARunWhoseRatesFallLoseNothing()
    {
        const string Training = $"{OfConvolutions} --recipe stable-conv --epochs 90";
        Assert.That(KilledAgainAndAgain(Training), Is.LessThan(180), "steps: none was left after the last kill");
        _gan.Done("resume killed -q");
        _gan.Done($"{Training} --output whole");
        RunFiles.Same(_gan["whole"], _gan["killed"]);
    }

    /// <summary>Starts a training and kills it some times, each time after more steps, which it returns.</summary>
    private int KilledAgainAndAgain(string training)
    {
        string arguments = $"{training} --output killed";
        var random = new Random(20261129);
        int steps = 0;
        for (int kills = 0; kills < KillsOfConvolutions; kills++)
        {
            using var process = _gan.Start(arguments);
            var error = process.StandardError.ReadToEndAsync();
            Processes.WaitUntil(process, () => Steps() > steps);
            Thread.Sleep(random.Next(150));
            Assert.That(process.HasExited, Is.False, () => error.Result);
            process.Kill();
            process.WaitForExit();
            steps = Steps();
            arguments = "resume killed -q";
        }
        return steps;
    }

    // Ctrl-C, too, comes anywhere within an epoch, but leaves a checkpoint of that very step
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void InterruptionsLoseNoStep()
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        // twelve steps an epoch, which take longer than its end
        const string Slower = "--dataset digits --limit 96 --batch 8 --samples 4 --threads 1 -q";
        string arguments = $"{Slower} --epochs 100000 --sample-every 7 --checkpoint-every 1 --keep 3 --output killed";
        int step = 0, withinAnEpoch = 0;
        // on a busy disk most of the time is an epoch's end, and many interruptions meet it
        for (int i = 0; i < Interruptions || (withinAnEpoch == 0 && i < MostInterruptions); i++)
        {
            int before = step;
            using var process = _gan.Start(arguments);
            var error = process.StandardError.ReadToEndAsync();
            Processes.WaitUntil(process, () => Steps() > before);
            Thread.Sleep(3 * i % 20);
            Processes.Run("/bin/bash", "-c", $"kill -INT {process.Id}");
            Assert.That(process.WaitForExit(TimeSpan.FromMinutes(1)), Is.True);
            Assert.That(process.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), error.Result);
            step = Steps();
            withinAnEpoch += step % 12 == 0 ? 0 : 1;
            Assert.That(
                error.Result, Does.Match($"(?m)^Interrupted after step {step:N0} of 1,200,000; `.*gan.* resume killed`"));
            arguments = "resume killed -q";
        }
        Assert.That(withinAnEpoch, Is.Positive);
        _gan.Done($"resume killed --steps {step + 4} -q");
        _gan.Done($"{Slower} --steps {step + 4} --sample-every 7 --checkpoint-every 1 --keep 3 --output whole");
        RunFiles.Same(_gan["whole"], _gan["killed"]);
    }

    private int Steps() => File.Exists(_gan["killed", "settings.json"])
        && new CheckpointFolder(RunFolder.CheckpointsOf(_gan["killed"])).Steps() is [.., var step] ? step : 0;

    private int Epochs() => File.Exists(_gan["killed", "settings.json"]) ? NewestEpoch() : 0;

    // three steps an epoch
    private int NewestEpoch() => Steps() / 3;
}

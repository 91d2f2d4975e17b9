using System.Text.RegularExpressions;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Steps as CUDA graphs: what NVIDIA's driver is asked for as one is rehearsed, captured and replayed.</summary>
[TestFixture]
internal sealed class CudaGraphTests : OnStandInCuda
{
    private const string Run = "--device cuda --dataset digits --limit 256 --batch 32 --quiet --recipe";

    private string[] Trace => File.ReadAllLines(Cuda["driver", "trace"]);

    /// <summary>
    /// The same kernels with the same arguments, and so in the same blocks, in the rehearsal and in the capture; then no kernel of a step
    /// is launched by itself again.
    /// </summary>
    [TestCase("odog", 42)]
    [ExhaustiveCase("stable", 76)]
    public void AStepIsCapturedOnceAndReplayed(string recipe, int kernels)
    {
        Cuda.Done($"{Run} {recipe} --epochs 2 --output run", Tracing);
        string[] trace = Trace;
        int begun = Array.IndexOf(trace, "begin capture"), ended = Array.IndexOf(trace, $"end capture {kernels}");
        Assert.That(begun, Is.Not.Negative);
        Assert.That(ended, Is.Not.Negative, Array.Find(trace, line => line.StartsWith("end capture", StringComparison.Ordinal)));
        string[] captured = [.. trace[(begun + 1)..ended].Where(IsLaunch)];
        Assert.That(captured, Has.Length.EqualTo(kernels));
        string[] rehearsed = [.. trace[..begun].Where(IsLaunch)];
        rehearsed = rehearsed[^(kernels + 1)..^1]; // all but the one that gathers the captured step's pictures
        Assert.That(rehearsed.Select(WithoutArguments), Is.EqualTo(captured.Select(WithoutArguments)));
        // bytes that pad arguments are anything
        Assert.That(rehearsed.Intersect(captured).Count(), Is.GreaterThan(0.9 * captured.Distinct().Count()), "arguments");

        var counts = Cuda.Counts();
        Assert.That((counts["captures"], counts["graphs"], counts["graphs_destroyed"]), Is.EqualTo((1, 1, 1)));
        Assert.That(counts["graph_launches"], Is.EqualTo((2 * 8) - 2 - 2), "all but the first two, and those that measure norms");
        string step = string.Join(' ', trace[ended..].Select(line => Regex.Replace(line, @" (0x|\d).*", "")));
        const string Replay = " copy up graph copy down", Pictures = " copy up launch";
        Assert.That(step, Does.StartWith($"end capture{Replay}{Pictures}{Replay}{Pictures}{Replay}{Pictures}{Replay}"));
        CudaTests.GivesBack(counts);
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void TheyCanBeSwitchedOff()
    {
        Cuda.Done($"{Run} odog --epochs 1 --output run", "GAN_CUDA_GRAPHS=0");
        Assert.That((Cuda.Counts()["captures"], Cuda.Counts()["graph_launches"]), Is.EqualTo((0, 0)));
    }

    /// <summary>The driver says that it doesn't support it: the same losses, by plain launches.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ADriverThatRefusesGetsPlainLaunches()
    {
        Cuda.Done($"{Run} odog --epochs 2 --output plain", "GAN_CUDA_GRAPHS=0");
        long plain = Cuda.Counts()["launches"];
        Cuda.Done($"{Run} odog --epochs 2 --output run", "STAND_IN_GRAPHS=801");
        var counts = Cuda.Counts();
        Assert.That((counts["graphs"], counts["graph_launches"], counts["launches"]), Is.EqualTo((0, 0, plain)));
        Assert.That(counts["captures"], Is.Positive);
        CudaTests.GivesBack(counts);
    }

    /// <summary>Memory that suffices without graphs suffices with them: recorded steps give theirs up.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void AStepIsNotRecordedAtTheCostOfTheRun()
    {
        Cuda.Done($"{Run} odog --epochs 3 --output roomy", "GAN_CUDA_GRAPHS=0");
        string less = $"STAND_IN_MEMORY={Cuda.Counts()["used_at_most"] * 96 / 100}"; // idle blocks are given back before it is too little
        Cuda.Done($"{Run} odog --epochs 3 --output plain", "GAN_CUDA_GRAPHS=0", less);
        Cuda.Done($"{Run} odog --epochs 3 --output run", less);
        var counts = Cuda.Counts();
        const int ToTheFirstEpochsLast = 5; // a whole step beside the recorded one: it measures norms
        Assert.That((counts["graphs"], counts["graph_launches"]), Is.EqualTo((1, ToTheFirstEpochsLast)));
        CudaTests.GivesBack(counts);
    }

    private static bool IsLaunch(string line) => line.StartsWith("launch", StringComparison.Ordinal);

    private static string WithoutArguments(string launch) => launch[..launch.LastIndexOf(' ')];

    private string Tracing => $"STAND_IN_TRACE={Cuda["driver", "trace"]}";
}

using System.Text.Json;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What a training step asks NVIDIA's driver for, and what it costs the caller.</summary>
[TestFixture]
internal sealed class CudaStepTests : OnStandInCuda
{
    private const int Batch = 32, NumbersOfAStep = 5, CopiesDown = 1, CopiesUp = 2;
    private const int Varying = (3 * 3) + (2 * 2); // of three updates, and the places of two noises

    /// <summary>Two runs that differ by three steps in the middle of their only epoch.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void AStepAsksForNothingNew()
    {
        const int Few = 4, Many = 7;
        var (few, many) = (Counts(Few), Counts(Many));
        string[] none = ["contexts", "streams", "modules", "allocations", "host_allocations", "copies_across"];
        foreach (string what in none.Concat(["waits_for_context", "waits_for_stream"]))
            Assert.That(many[what], Is.EqualTo(few[what]), what);
        Assert.That(
            (Each("copies_up"), Each("bytes_up")), Is.EqualTo((CopiesUp, (Batch + Varying) * sizeof(int))),
            "the batch's pictures by number, and what varies");
        Assert.That((Each("copies_down"), Each("bytes_down")), Is.EqualTo((CopiesDown, NumbersOfAStep * sizeof(float))), "the losses");
        Assert.That(Each("records"), Is.EqualTo(CopiesUp + CopiesDown), "a mark for each copy");
        // for each number, and for places in the ring when they are used again
        Assert.That(Each("waits_for_event"), Is.EqualTo(CopiesUp + NumbersOfAStep));
        foreach (string what in (string[])["on_the_null_stream", "copies_of_pageable_memory"])
            Assert.That((few[what], many[what]), Is.EqualTo((0, 0)), what);
        TestContext.Out.WriteLine($"a step: {Each("launches")} launches, {Each("memsets")} blocks set to a value");

        long Each(string what)
        {
            long more = many[what] - few[what];
            Assert.That(more % (Many - Few), Is.Zero, $"{what} of {Many - Few} steps alike");
            return more / (Many - Few);
        }
    }

    /// <summary>Copies' marks are made while a run is young, and used again later.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ALongRunAsksForNoMoreMarks()
    {
        string run = "bench --device cuda --recipe odog --json --steps";
        Cuda.Done($"{run} 400");
        long events = Cuda.Counts()["events"];
        Cuda.Done($"{run} 500");
        Assert.That(Cuda.Counts()["events"], Is.EqualTo(events));
        CudaTests.GivesBack(Cuda.Counts());
    }

    /// <summary>Kernels of a step, beside the one that gathers its pictures: what a step costs on a large GPU.</summary>
    [TestCase("hsu", 31)]
    [TestCase("odog", 42)]
    [ExhaustiveCase("fabo", 52)]
    [ExhaustiveCase("sdl", 21)]
    [ExhaustiveCase("lornatang", 39)]
    [ExhaustiveCase("stable", 76)]
    [ExhaustiveCase("dcgan", 224)]
    [ExhaustiveCase("cgan", 93)]
    [ExhaustiveCase("acgan", 303)]
    [ExhaustiveCase("stable-conv", 119)]
    public void AStepLaunches(string recipe, int kernels)
    {
        var found = JsonDocument.Parse(Cuda.Done($"bench --device cuda --recipe {recipe} --json --steps 5").Output).RootElement;
        Assert.That(found.GetProperty("launches_per_step").GetDouble(), Is.EqualTo(kernels));
    }

    /// <summary>Copies that go on by themselves are tried on devices that have them, where tiles are picked by measurement.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void CopiesAreTriedWhereTheyCanBe()
    {
        long plain = Modules("STAND_IN_CAPABILITY=80", "GAN_TUNE=0"), older = Modules("STAND_IN_CAPABILITY=75", "GAN_TUNE=1");
        Assert.That(older, Is.GreaterThan(plain));
        Assert.That(Modules("STAND_IN_CAPABILITY=80", "GAN_TUNE=1"), Is.GreaterThan(older));

        long Modules(string capability, string tune)
        {
            Cuda.Done(
                "bench --device cuda --recipe sdl --batch 32 --steps 1", capability, tune, $"GAN_CACHE_DIR={Cuda[capability + tune]}");
            return Cuda.Counts()["modules"];
        }
    }

    /// <summary>A tile that the driver's compiler rejects isn't taken, and ends no run; one that is needed does.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ATileThatIsRejectedIsPassedOver()
    {
        const string Bench = "bench --device cuda --recipe sdl --batch 32 --steps 1";
        var result = Cuda.Run(Bench, "STAND_IN_REJECTS=cp.async", "GAN_TUNE=1", "GAN_DEBUG=1");
        Assert.That(result.ExitCode, Is.Zero, result.Error); // ILGPU's finalizers unload what was never loaded, which counts as a mistake
        Assert.That(result.Error, Does.Contain("passed over: The kernel MatMulAheadKernel can't be compiled for cuda:0 (Stand-In 0): "));
        Cuda.Fails(Bench, "The kernel MatMulKernel can't be compiled for cuda:0", "STAND_IN_REJECTS=MatMul", "GAN_TUNE=1");
    }

    [Test]
    public void AStepAllocatesLittleManagedMemory()
    {
        var found = JsonDocument.Parse(Cuda.Done("bench --device cuda --recipe odog --json --steps 20").Output).RootElement;
        Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
        Assert.That(found.GetProperty("allocated_bytes_per_step").GetInt64(), Is.InRange(1, 16_384));
        Assert.That(found.GetProperty("rented_bytes_per_step").GetInt64(), Is.Zero);
    }

    [Test]
    public void DebuggingSaysWhatRanAndHowLong()
    {
        string[] lines = Cuda.Done("bench --device cuda --recipe odog --json --steps 10", "GAN_DEBUG=2").Error.TrimEnd().Split('\n');
        Assert.That(lines[0], Is.EqualTo("cuda:0 (Stand-In 0): NVIDIA driver for CUDA 12.4, 1.0 GiB"));
        Assert.That(lines[1], Does.StartWith("kernel ").And.EndWith("(cuda:0)"));
        Assert.That(lines, Has.Some.Match(@"^MatMulKernel<.*> +\d+ +\d+\.\d{3} +250\.00 +\d+\.\d ?%")); // 250 µs each, says the stand-in
        Assert.That(lines[^1], Does.Match(@"^cuda:0 \(Stand-In 0\): .* MiB for tensors, \d+ kernels compiled$"));
        CudaTests.GivesBack(Cuda.Counts());
    }

    private Dictionary<string, long> Counts(int steps)
    {
        Cuda.Done($"--device cuda --dataset digits --limit 256 --batch {Batch} --steps {steps} --output run-{steps} --quiet");
        var counts = Cuda.Counts();
        CudaTests.GivesBack(counts);
        return counts;
    }
}

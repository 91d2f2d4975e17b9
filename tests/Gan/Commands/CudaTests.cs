using System.Runtime.InteropServices;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The program and NVIDIA's driver: what it finds, what it says of what it can't use, and how it ends.</summary>
[TestFixture]
internal sealed class CudaTests : OnStandInCuda
{
    private const string Train = "--device cuda --dataset digits --limit 64 --batch 32 --steps 2 --output run --quiet";

    private const string Rounding = // but zeros
        "          a run agrees with the cpu's up to rounding: its quotients are not the nearest floats";

    private const string Device = "The device cuda:0 (Stand-In 0)";
    private const string TooOld = "its driver is too old: it serves CUDA 10.2, and 11.0 is needed";
    private const string Mismatch = "cuInit gave the error 803 (system has unsupported display driver / cuda driver combination)";

    [Test]
    public void DevicesAreListed()
    {
        string[] lines = Cuda.Done("devices", "STAND_IN_DEVICES=2", "STAND_IN_DRIVER=12080").Output.Split('\n');
        int first = Array.FindIndex(lines, line => line.StartsWith("cuda", StringComparison.Ordinal));
        string[] expected =
        [
            "cuda:0    Stand-In 0", "          NVIDIA driver for CUDA 12.8, 1.0 GiB of memory", Rounding,
            "cuda:1    Stand-In 1", "          NVIDIA driver for CUDA 12.8, 1.0 GiB of memory", Rounding,
        ];
        Assert.That(lines.Skip(first).Take(expected.Length), Is.EqualTo(expected));
        Assert.That(lines, Has.One.EqualTo("--device auto picks cuda:0."));
        GivesBack(Cuda.Counts());
    }

    [TestCase("auto", "cuda:0, Stand-In 0")]
    [TestCase("cuda", "cuda:0, Stand-In 0")]
    [TestCase("cuda:1", "cuda:1, Stand-In 1")]
    public void ADeviceIsFoundByItsName(string name, string found)
    {
        string output = Cuda.Done($"--device {name} --dry-run --dataset digits", "STAND_IN_DEVICES=2").Output;
        Assert.That(output, Does.Contain($"device  {found}\n"));
        GivesBack(Cuda.Counts());
    }

    [TestCase("STAND_IN_DEVICES=2", "cuda:7", "There is no device cuda:7: of this kind there are 2 devices, 0 to 1.")]
    [TestCase("STAND_IN_DEVICES=0", "cuda", "There is no cuda device: NVIDIA's driver is there, but it finds no device.")]
    [TestCase("STAND_IN_INIT=803", "cuda", $"There is no cuda device: its driver fails: {Mismatch}.")]
    [TestCase("STAND_IN_INIT=999", "cuda", "There is no cuda device: its driver fails: cuInit gave CUDA_ERROR_UNKNOWN.")]
    [TestCase("STAND_IN_DRIVER=10020", "cuda", $"{Device} can't be used: {TooOld}; update the driver.")]
    [TestCase("STAND_IN_CAPABILITY=21", "cuda:0", $"{Device} can't be used: its compute capability is 2.1, and 3.0 is needed.")]
    public void WhatCantBeUsedIsRefused(string setting, string name, string sentence)
    {
        string says = $"--device {name}: {sentence} `gan devices` lists what there is.";
        Cuda.Fails($"--device {name} --dry-run --dataset digits", says, setting);
    }

    [TestCase("STAND_IN_DEVICES=0", "cuda      none: NVIDIA's driver is there, but it finds no device")]
    [ExhaustiveCase("STAND_IN_INIT=803", $"cuda      none: its driver fails: {Mismatch}")]
    [ExhaustiveCase("STAND_IN_DRIVER=10020", $"          can't be used: {TooOld}; update the driver")]
    public void AutoIsTheProcessorThen(string setting, string why)
    {
        string[] lines = Cuda.Done("devices", setting).Output.Split('\n');
        Assert.That(lines, Has.One.EqualTo(why));
        Assert.That(lines, Has.One.EqualTo("--device auto picks cpu: there is no usable graphics processor."));
        Assert.That(Cuda.Done("--dry-run --dataset digits", setting).Output, Does.Contain("device  cpu, "));
    }

    [Test]
    public void AnotherLibraryOfTheNameIsSaid()
    {
        string other = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so");
        File.Copy(other, Cuda["driver", "libcuda.so.1"], overwrite: true);
        string why = "the library libcuda.so.1 is no driver of NVIDIA's, or too old; update the driver";
        Cuda.Fails("--device cuda --dry-run --dataset digits", $"There is no cuda device: {why}. `gan devices` lists what there is.");
    }

    [Test]
    public void TooLittleMemoryIsSaidInNumbers()
    {
        Cuda.Fails(
            Train,
            $"{Device} has no memory for another 2.0 MiB: tensors of this process take 631.0 KiB, and it has 976.6 KiB in all, "
            + "of which 345.6 KiB are free (CUDA_ERROR_OUT_OF_MEMORY (out of memory)). A smaller batch needs less.",
            "STAND_IN_MEMORY=1000000");
        GivesBack(Cuda.Counts());
    }

    [TestCase("STAND_IN_OPEN=2", $"{Device} can't be opened: CUDA_ERROR_OUT_OF_MEMORY (out of memory). Other programs may be using it")]
    [TestCase("STAND_IN_OPEN=46", $"{Device} can't be opened: the error 46 (CUDA-capable device(s) is/are busy or unavailable). Other pro")]
    [TestCase(
        "STAND_IN_LOAD=218",
        "The kernel RandomKernel can't be compiled for cuda:0 (Stand-In 0): CUDA_ERROR_INVALID_PTX (a PTX JIT compilation failed). The "
            + "driver's compiler says: ptxas application ptx input, line 7; fatal : Parsing error.")]
    [TestCase("STAND_IN_LOAD=719", $"{Device} failed while it loaded RandomKernel: CUDA_ERROR_LAUNCH_FAILED (unspecified launch failure).")]
    public void AFailureIsSaidInASentence(string setting, string sentence)
    {
        Cuda.Fails(Train, sentence, setting);
        var counts = Cuda.Counts();
        Assert.That(counts["contexts_destroyed"], Is.EqualTo(counts["contexts"]));
    }

    /// <summary>All that was asked for was given back when the process ended, and one by one.</summary>
    internal static void GivesBack(Dictionary<string, long> counts)
    {
        Assert.That(counts["used_at_end"], Is.Zero);
        (string Taken, string Given)[] pairs =
        [
            ("contexts", "contexts_destroyed"), ("streams", "streams_destroyed"), ("events", "events_destroyed"),
            ("modules", "modules_unloaded"), ("allocations", "frees"), ("host_allocations", "host_frees"),
        ];
        foreach (var (taken, given) in pairs)
            Assert.That(counts[given], Is.EqualTo(counts[taken]), given);
    }
}

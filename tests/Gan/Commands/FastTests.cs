using System.Text.Json.Nodes;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`--fast`, on a stand-in for NVIDIA's driver: which kernels are loaded, what is kept, and where it is refused.</summary>
[TestFixture]
internal sealed class FastTests : OnStandInCuda
{
    private const string Train = "--device cuda --dataset digits --limit 64 --batch 32 --steps 2 --output run --quiet";
    private const string Needs = "--fast needs a CUDA device with compute capability 8.0 or newer, and the device is ";

    [TestCase("", false)]
    [ExhaustiveCase(" --fast", true)]
    public void ProductsAreThoseOfTensorCores(string option, bool fast)
    {
        string texts = Cuda.Done(Train + option, "GAN_DEBUG=3").Error;
        Assert.That(texts, Does.Contain(".entry"));
        Assert.That(texts.Contains("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", StringComparison.Ordinal), Is.EqualTo(fast));
    }

    /// <summary>
    /// It decides a run's bytes, so a resumed run has it without being told, and can't go on where there are no tensor cores.
    /// </summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ARunKeepsIt()
    {
        Cuda.Done($"{Train} --fast");
        var settings = JsonNode.Parse(File.ReadAllText(Cuda["run", "settings.json"]))!;
        Assert.That((bool)settings["request"]!["fast"]!, Is.True);
        Assert.That((string)settings["resolved"]!["options"]!["fast"]!, Is.EqualTo("true"));
        Assert.That(
            Cuda.Done("resume run --steps 4 --quiet", "GAN_DEBUG=3").Error, Does.Contain("mma.sync.aligned.m16n8k8.row.col.f32.tf32"));
        Refused("resume run --steps 6 --device cpu", Needs + "cpu, ");
        Refused("resume run --steps 6 --fast", "a run resumes with its own settings");
        Cuda.Done("resume run --steps 6 --quiet");
    }

    [Test]
    public void AnOlderDeviceIsRefused()
    {
        Refused($"{Train} --fast", Needs + "cuda:0, Stand-In 0.", "STAND_IN_CAPABILITY=75");
        Refused("bench --fast --steps 1 --recipe sdl", Needs + "cuda:0, Stand-In 0.", "STAND_IN_CAPABILITY=75");
        Refused("bench --fast --steps 1 --recipe sdl --device cpu", Needs + "cpu, ");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void TheBenchSaysThatItWasFast()
    {
        const string Bench = "bench --device cuda --recipe sdl --batch 32 --steps 1 --json";
        Assert.That((bool?)JsonNode.Parse(Cuda.Done($"{Bench} --fast").Output)!["fast"], Is.True);
        Assert.That(JsonNode.Parse(Cuda.Done(Bench).Output)!["fast"], Is.Null);
    }

    private void Refused(string arguments, string says, params string[] settings)
    {
        var result = Cuda.Run(arguments, settings);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Usage), result.Error);
        GanProgram.Says(result, says);
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The kit that measures a graphics card is made, is small, and runs here as far as OpenCL goes.</summary>
[Category(SampledAttribute.Exhaustive)]
public sealed class GpuKitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private TestFolder _folder = null!;
    private string _results = null!;

    /// <summary>Makes the kit, unpacks it elsewhere and runs it once, quickly, for all tests.</summary>
    [OneTimeSetUp]
    public void MakeAndRun()
    {
        ToolRequirement.Require(
            OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "Linux on x64, which the kit is for");
        ToolRequirement.Tool("xz");
        ToolRequirement.Require(Engine.OpenCl.Device is not null, "an OpenCL device");
        _folder = new TestFolder();
        string archive = Path.Combine(_folder.Path, "gpu-kit.tar.xz");
        var made = Run(Path.Combine(SourceProjects.Root, "bench", "gpu", "make"), SourceProjects.Root, "--fast", "--output", archive);
        ToolRequirement.Require(!made.Error.Contains("error NU1", StringComparison.Ordinal), $"a package of the runtime: {made.Error}");
        Assert.That(made.ExitCode, Is.Zero, made.Output + made.Error);
        Assert.That(new FileInfo(archive).Length, Is.LessThan(55_000_000), "bytes of the kit, here compressed for speed");
        Done("tar", _folder.Path, "-xf", archive);
        _results = Path.Combine(_folder.Path, "results");
        string run = Path.Combine(_folder.Path, "gpu-kit", "run");
        Done(run, _folder.Path, "--device", "opencl", "--quick", "--recipes", "sdl", "--out", _results);
    }

    /// <summary>Removes kit and results.</summary>
    [OneTimeTearDown]
    public void Remove() => _folder?.Dispose();

    [Test]
    public void TheReportHasEveryPart()
    {
        string report = File.ReadAllText(Path.Combine(_results, "report.md"));
        string[] titles =
            ["Facts", "Correctness", "Products", "Training steps", "A whole run of odog", "Kernels", "Sanitizer"];
        Assert.That(
            report.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]),
            Is.EqualTo(titles));
        Assert.That(report, Does.Match(@"(?m)^\| multiply-add peak, GFLOP/s \| [\d.,]+ \|$"));
        Assert.That(report, Does.Match(@"(?m)^\| sdl, 4 steps, checkpoint \| equal \| equal \| equal \| [0-9a-f]{12} \|$"));
        Assert.That(report, Does.Match(@"(?m)^\| 128x100x256 x·W \| [\d.,]+ \| [\d.,]+ \| "));
        Assert.That(report, Does.Match(@"(?m)^\| sdl \| 100 \| [\d.,]+ \| – \| – \| "));
        Assert.That(report, Does.Match(@"(?m)^\| sdl: `MatMulKernel<.*>` \| \d+ \| [\d.]+ \| [\d.]+ \| [\d.]+ % \|$"));
    }

    [Test]
    public void FactsAreMeasured()
    {
        var facts = Part("facts");
        var measured = facts.GetProperty("measured");
        string[] rates = ["multiply_add_peak_gflops", "copy_gb_per_s", "map_gb_per_s", "launch_us", "launch_and_wait_us"];
        foreach (string rate in rates)
            Assert.That(measured.GetProperty(rate).GetDouble(), Is.Positive, rate);
        Assert.That(measured.GetProperty("cublas").GetBoolean(), Is.False);
        Assert.That(measured.GetProperty("cublas_missing_because").GetString(), Is.EqualTo("cuBLAS computes on CUDA devices only"));
        if (facts.GetProperty("card").ValueKind != JsonValueKind.Object)
            Assert.That(Why(facts, "nvidia-smi"), Does.StartWith("it "));
    }

    [Test]
    public void TheDevicesBytesAreTheProcessors()
    {
        var found = Part("correctness");
        var tests = found.GetProperty("tests");
        Assert.That(tests.GetProperty("passed").GetInt32(), Is.AtLeast(5), "the suite's cases of OpenCL in two classes");
        Assert.That((tests.GetProperty("failed").GetInt32(), tests.GetProperty("all_were_run").GetBoolean()), Is.EqualTo((0, true)));
        var files = found.GetProperty("recipes").EnumerateArray().ToList();
        Assert.That(files, Has.Count.EqualTo(3), "of sdl alone");
        foreach (var file in files)
        {
            string? name = file.GetProperty("file").GetString();
            Assert.That(file.GetProperty("equals_cpu_here").GetBoolean(), Is.True, name);
            Assert.That(file.GetProperty("equals_cpu_of_the_kit").GetBoolean(), Is.True, name);
        }
    }

    [Test]
    public void ProductsAndStepsAreTimed()
    {
        foreach (var product in Part("products").GetProperty("products").EnumerateArray())
        {
            Assert.That(product.GetProperty("ours_us").GetDouble(), Is.Positive);
            Assert.That(product.GetProperty("share_of_peak").GetDouble(), Is.Positive);
        }
        var steps = Part("steps");
        var ours = steps.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("way").GetString() == "graphs");
        Assert.That(ours.GetProperty("result").GetProperty("median_s_per_step").GetDouble(), Is.Positive);
        Assert.That(Why(steps, "plain and --fast"), Does.Contain("CUDA"));
        if (Part("facts").GetProperty("machine").GetProperty("Python with PyTorch").GetString() != "none")
        {
            foreach (var product in Part("products").GetProperty("products").EnumerateArray())
                Assert.That(product.GetProperty("torch_gflops").GetDouble(), Is.Positive);
            var eager = steps.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("way").GetString() == "torch-eager");
            Assert.That(eager.GetProperty("result").GetProperty("median_s_per_step").GetDouble(), Is.Positive, $"{eager}");
        }
        foreach (var step in steps.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("result")))
        {
            bool isTimed = step.TryGetProperty("median_s_per_step", out _);
            Assert.That(isTimed, Is.Not.EqualTo(step.TryGetProperty("why", out _)), "a time, or why there is none");
        }
    }

    [Test]
    public void TheRunLeavesItsLastGrid()
    {
        var odog = Part("odog");
        byte[] grid = File.ReadAllBytes(Path.Combine(_results, odog.GetProperty("grid").GetString()!));
        Assert.That(grid.AsSpan(1, 3).SequenceEqual("PNG"u8), Is.True);
        string sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(grid));
        Assert.That(odog.GetProperty("sha256").GetString(), Is.EqualTo(sum));
        Assert.That((odog.GetProperty("done").GetBoolean(), odog.GetProperty("steps").GetInt32()), Is.EqualTo((true, 4)));
    }

    [Test]
    public void KernelsAreTimedAndTheSanitizerIsForCuda()
    {
        Assert.That(Part("profile").GetProperty("kernels").GetArrayLength(), Is.AtLeast(5));
        Assert.That(Why(Part("sanitizer"), "compute-sanitizer"), Is.EqualTo("it watches CUDA programs only"));
    }

    /// <summary>A part's failure, or its lack of time, is in the report, and the next part is tried.</summary>
    [Test]
    public void WhatFailsIsSaid()
    {
        string results = Path.Combine(_folder.Path, "failed"), run = Path.Combine(_folder.Path, "gpu-kit", "run");
        Done(run, _folder.Path, "--device", "opencl:99", "--quick", "--recipes", "sdl", "--out", results, "profile");
        string report = File.ReadAllText(Path.Combine(results, "report.md"));
        Assert.That(report, Does.Contain("`sdl` failed with exit code 4; its last lines:\n```\n"));
        Assert.That(report, Does.Contain("\n--device opencl:99: There is no device opencl:99"));
        Done(run, _folder.Path, "--device", "opencl", "--budget", "0", "--out", results, "odog");
        Assert.That(File.ReadAllText(Path.Combine(results, "report.md")), Does.Contain("The part odog: the budget of 0 s is spent."));
        Assert.That(Part("odog", results).GetProperty("missing").GetArrayLength(), Is.EqualTo(1));
    }

    /// <summary>Without a device nothing else is tried; and what is asked for wrongly ends it at once, with the reason.</summary>
    [TestCase(4, "There is no device opencl:99", "--device", "opencl:99", "facts", "profile")]
    [TestCase(2, "there is no part 'nope'. Parts are facts correctness", "nope")]
    [TestCase(2, "--recipes: there is no recipe 'nope'. Recipes are odog stable", "--recipes", "sdl,nope")]
    [TestCase(2, "--recipes needs a value.", "--recipes", "--quick")]
    [TestCase(2, "--device: 'metal' is neither cuda nor opencl.", "--device", "metal")]
    public void WhatCannotBeMeasuredIsSaid(int exitCode, string says, params string[] arguments)
    {
        string results = Path.Combine(_folder.Path, "refused");
        var result = Run(Path.Combine(_folder.Path, "gpu-kit", "run"), _folder.Path, ["--out", results, .. arguments]);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((exitCode, result.Error)));
        Assert.That(result.Error, Does.Contain(says));
        if (exitCode == 4)
            Assert.That(File.ReadAllText(Path.Combine(results, "report.md")), Does.Contain(says).And.Not.Contain("## Kernels"));
    }

    /// <summary>A slow nvidia-smi takes no other part's time, nor the files that it writes to.</summary>
    [Test]
    public void ASlowNvidiaSmiIsWaitedForBriefly()
    {
        string tools = Path.Combine(_folder.Path, "slow"), smi = Path.Combine(tools, "nvidia-smi");
        Directory.CreateDirectory(tools);
        File.WriteAllText(smi, "#!/bin/sh\nsleep 20\necho slow\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(smi, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string results = Path.Combine(_folder.Path, "waited"), path = $"PATH={tools}:{Environment.GetEnvironmentVariable("PATH")}";
        string[] options = ["--device", "opencl", "--quick", "--recipes", "sdl", "--out", results, "facts", "profile"];
        Done("/usr/bin/env", _folder.Path, [path, Path.Combine(_folder.Path, "gpu-kit", "run"), .. options]);
        Assert.That(Part("facts", results).GetProperty("measured").GetProperty("launch_us").GetDouble(), Is.Positive);
        Assert.That(Why(Part("facts", results), "nvidia-smi"), Does.StartWith("it fails"));
        Assert.That(Part("profile", results).GetProperty("kernels").GetArrayLength(), Is.AtLeast(5));
    }

    /// <summary>A card whose kernels do nothing is found out: by the suite, by every file, and by the products' results.</summary>
    [Test]
    public void WrongNumbersAreSaid()
    {
        using var cuda = new StandInCuda();
        string results = Path.Combine(_folder.Path, "wrong"), run = Path.Combine(_folder.Path, "gpu-kit", "run");
        string[] options = ["--device", "cuda", "--quick", "--recipes", "sdl", "--out", results, "correctness", "products"];
        Done("/usr/bin/env", _folder.Path, [.. cuda.Environment, run, .. options]);
        string report = File.ReadAllText(Path.Combine(results, "report.md"));
        Assert.That(report, Does.Contain("- failed: `DevicesRoundAsTheProcessor(cuda)`"));
        Assert.That(report, Does.Match(@"(?m)^\| sdl, 4 steps, checkpoint \| DIFFERS \| DIFFERS \| equal \| [0-9a-f]{12} \|$"));
        Assert.That(report, Does.Contain("`ours` failed with exit code 1; its last lines:\n```\n128x128x128, x·W, element 0"));
    }

    private static void Done(string program, string folder, params string[] arguments)
    {
        var result = Run(program, folder, arguments);
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    private static ProcessResult Run(string program, string folder, params string[] arguments) =>
        Processes.Run(program, arguments, [], Limit, folder);

    private JsonElement Part(string name, string? results = null)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(results ?? _results, $"{name}.json")));
        return document.RootElement.Clone();
    }

    private static string Why(JsonElement part, string what) =>
        part.GetProperty("missing").EnumerateArray().Where(missing => missing.GetProperty("what").GetString() == what)
            .Select(missing => missing.GetProperty("why").GetString()!).Single();
}

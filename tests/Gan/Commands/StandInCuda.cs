using System.Runtime.InteropServices;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Runs the program on a libcuda.so.1 of the tests' own, which it finds before any other: kernels do nothing, memory is zeros, and calls
/// are counted. Tensor/Devices/StandInCuda.c reads what it is told.
/// </summary>
internal sealed class StandInCuda : IDisposable
{
    private static readonly Lazy<byte[]> Library = new(Build);
    private readonly GanProgram _gan = new();

    /// <summary>Puts the library into a folder of its own; skips the test where it can't be built.</summary>
    public StandInCuda()
    {
        ToolRequirement.Require(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "/usr/bin/gcc on Linux");
        Directory.CreateDirectory(_gan["driver"]);
        File.WriteAllBytes(_gan["driver", "libcuda.so.1"], Library.Value);
        if (NativeLibrary.TryLoad("libcuda.so", out _)) // a machine with a driver's plain name would get that one
            File.WriteAllBytes(_gan["driver", "libcuda.so"], Library.Value);
    }

    /// <summary>The environment in which it is found, as NAME=value.</summary>
    public string[] Environment =>
        [$"LD_LIBRARY_PATH={_gan["driver"]}", $"STAND_IN_COUNTS={_gan["driver", "counts"]}", "OCL_ICD_VENDORS=/nonexistent", "GAN_TUNE=0"];

    /// <summary>A path in the folder that is the program's current one.</summary>
    public string this[params string[] parts] => _gan[parts];

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">Parted by spaces.</param>
    /// <param name="settings">Of the environment, such as STAND_IN_DEVICES=2.</param>
    public ProcessResult Run(string arguments, params string[] settings)
    {
        File.Delete(_gan["driver", "counts"]);
        return _gan.RunOf(["env", .. Environment, .. settings, "dotnet", GanProgram.Dll, .. arguments.Split(' ')]);
    }

    /// <summary>Runs the program and checks that it ends well, and that its calls were all in order.</summary>
    public ProcessResult Done(string arguments, params string[] settings)
    {
        var result = Run(arguments, settings);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Counts()["mistakes"], Is.Zero);
        return result;
    }

    /// <summary>Runs the program and checks that it ends with the device's exit code and one line of words, these among them.</summary>
    public void Fails(string arguments, string says, params string[] settings)
    {
        var result = Run(arguments, settings);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Device), result.Error);
        GanProgram.Says(result, says);
        Assert.That(result.Error.TrimEnd(), Does.Not.Contain("\n"));
    }

    /// <summary>What the library counted in the latest run, which it writes when a process ends by itself.</summary>
    public Dictionary<string, long> Counts()
    {
        var lines = File.ReadLines(_gan["driver", "counts"]).Select(line => line.Split(' '));
        return lines.ToDictionary(parts => parts[0], parts => long.Parse(parts[1]));
    }

    public void Dispose() => _gan.Dispose();

    private static byte[] Build()
    {
        using var folder = new TestFolder();
        string library = Path.Combine(folder.Path, "libcuda.so.1");
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Tensor", "Devices", "StandInCuda.c");
        string[] options =
            ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-shared", "-fPIC", "-pthread"];
        var built = Processes.Run("/usr/bin/gcc", [.. options, "-o", library, source]);
        Assert.That(built.ExitCode, Is.Zero, built.Error);
        return File.ReadAllBytes(library);
    }
}

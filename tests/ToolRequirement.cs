using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What a test needs from outside the project. Missing, the test is skipped with the reason, so that a machine with nothing but the SDK
/// passes; with `GAN_REQUIRE_TOOLS=1`, as CI sets it, a missing tool is a failure.
/// </summary>
internal static class ToolRequirement
{
    public static void Require(bool present, string what)
    {
        if (present)
            return;
        if (Environment.GetEnvironmentVariable("GAN_REQUIRE_TOOLS") == "1")
            Assert.Fail($"GAN_REQUIRE_TOOLS=1, but {what} is missing");
        Assert.Ignore($"needs {what}, which is not on this machine");
    }

    /// <summary>Skips the test where Debian's Python with these modules is missing; gives its path.</summary>
    public static string Python(params string[] modules)
    {
        const string Path = "/usr/bin/python3";
        bool found = File.Exists(Path) && Processes.Run(Path, "-c", "import " + string.Join(", ", modules.Prepend("sys"))).ExitCode == 0;
        Require(found, $"{Path} with the modules {string.Join(", ", modules)}");
        return Path;
    }

    /// <summary>Skips the test where a tool is neither in the folder that `GAN_CUDA_TOOLS` names nor on the PATH; gives its path.</summary>
    public static string Tool(string name)
    {
        string folders = string.Join(
            Path.PathSeparator, Environment.GetEnvironmentVariable("GAN_CUDA_TOOLS"), Environment.GetEnvironmentVariable("PATH"));
        string? found = folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        Require(found is not null, name);
        return found!;
    }
}

using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Runs the built program in a folder of its own, with no data set at hand and no network.</summary>
internal sealed class GanProgram : IDisposable
{
    // Port 1 of this machine refuses at once, so that a download fails without a wait.
    private const string Refusing = "http://127.0.0.1:1";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private const string DefaultSignals = "--default-signal=HUP,INT,QUIT,TERM";

    private static readonly Lazy<bool> ResetsSignals = new(
        () => OperatingSystem.IsLinux() && Processes.Run("env", DefaultSignals, "true").ExitCode == 0);

    private readonly TestFolder _folder = new();

    /// <summary>The program, as `dotnet` takes it.</summary>
    public static string Dll { get; } = Path.Combine(TestContext.CurrentContext.TestDirectory, "gan.dll");

    /// <summary>A path in the folder that is the program's current one.</summary>
    public string this[params string[] parts] => Path.Combine([_folder.Path, .. parts]);

    /// <summary>Puts a file there.</summary>
    public string Put(string name, byte[] content) => _folder.File(name, content);

    /// <summary>Runs the program; arguments are parted by spaces.</summary>
    public ProcessResult Run(string arguments) => Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Runs the program.</summary>
    public ProcessResult Run(string[] arguments) => WarmProgram.IsUsed ? RunWarm(arguments) : RunAlone(arguments);

    /// <summary>Runs the program in a process that may have run other command lines.</summary>
    public ProcessResult RunWarm(string[] arguments) =>
        AsInstalled(WarmProgram.Run(Dll, arguments, Environment(Refusing), Limit, _folder.Path));

    /// <summary>Runs the program in a process of its own.</summary>
    public ProcessResult RunAlone(string[] arguments) => RunOf(["dotnet", Dll, .. arguments]);

    /// <summary>Runs the program and checks that it ends well.</summary>
    public ProcessResult Done(string arguments)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{arguments}: {result.Error}");
        return result;
    }

    /// <summary>
    /// Runs the program and checks that it refuses: the code, a sentence on standard error that says all this, and no trace.
    /// </summary>
    public ProcessResult Refused(ExitCode code, string arguments, params string[] says)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.EqualTo((int)code), $"{arguments}: {result.Output}{result.Error}");
        Says(result, says);
        return result;
    }

    /// <summary>Checks that standard error holds a line that says all this, and nothing like a trace.</summary>
    public static void Says(ProcessResult result, params string[] says)
    {
        foreach (string part in says)
            Assert.That(result.Error, Does.Contain(part));
        Assert.That(result.Error.TrimEnd(), Does.EndWith(".").And.Not.Contain("\n   at ").And.Not.Contain("Exception"));
    }

    /// <summary>Runs any command line with the program's folder and environment.</summary>
    public ProcessResult RunOf(string[] command) =>
        AsInstalled(Processes.Run(command[0], command[1..], Environment(Refusing), Limit, _folder.Path));

    /// <summary>Names the program as it is installed, where its hints name it as the tests called it.</summary>
    public static ProcessResult AsInstalled(ProcessResult result) => result with
    {
        Output = result.Output.Replace($"dotnet {Dll}", "gan", StringComparison.Ordinal),
        Error = result.Error.Replace($"dotnet {Dll}", "gan", StringComparison.Ordinal),
    };

    /// <summary>Starts the program, for a test that interrupts it; downloads go to a proxy.</summary>
    public Process Start(string arguments, Uri? proxy = null) => StartOf(["dotnet", Dll, .. arguments.Split(' ')], proxy);

    /// <summary>
    /// Starts any command line with the program's folder and environment. Signals that who started the tests ignores, as a shell does for
    /// jobs in the background, are not ignored by it, and what it reads is what the test writes, whatever the tests' own input is.
    /// </summary>
    public Process StartOf(string[] command, Uri? proxy = null)
    {
        if (ResetsSignals.Value)
            command = ["env", DefaultSignals, .. command];
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in command[1..])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment(proxy?.GetLeftPart(UriPartial.Authority) ?? Refusing))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string?> Environment(string proxy) => new()
    {
        ["XDG_CACHE_HOME"] = this["cache"],
        ["SHELL"] = "/bin/sh", // what `script` starts
        ["GAN_DATA_DIR"] = "",
        ["GAN_CACHE_DIR"] = "",
        ["GAN_DEBUG"] = "",
        ["POCL_CACHE_DIR"] = Path.Combine(Path.GetTempPath(), "gan-pocl"), // a driver that writes to the user's cache when it is loaded
        ["HTTPS_PROXY"] = proxy,
        ["https_proxy"] = proxy,
        ["NO_PROXY"] = "",
        ["no_proxy"] = "",
    };
}

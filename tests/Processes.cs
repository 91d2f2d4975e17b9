using System.Diagnostics;

namespace GanFromScratch.Tests;

/// <summary>What a child process left.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);

/// <summary>Runs child processes for tests.</summary>
internal static class Processes
{
    public static ProcessResult Run(string file, params string[] arguments) => Run(file, arguments, [], TimeSpan.FromMinutes(5));

    public static ProcessResult Run(
        string file,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string?>> environment,
        TimeSpan limit,
        string? folder = null)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} ran longer than {limit}");
        }
        return new ProcessResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Waits until something is so, or the process has ended.</summary>
    public static void WaitUntil(Process process, Func<bool> done)
    {
        while (!done() && !process.HasExited)
            Thread.Sleep(2);
    }
}

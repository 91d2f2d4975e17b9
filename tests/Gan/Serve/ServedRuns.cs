using System.Diagnostics;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A program that serves a page, and the page's address.</summary>
internal sealed partial class ServedRuns : IDisposable
{
    private readonly Process _process;

    private ServedRuns(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>The page.</summary>
    public Uri Address { get; }

    /// <summary>The program.</summary>
    public Process Process => _process;

    /// <summary>Starts `gan` with these arguments, and reads the address that it prints.</summary>
    public static async Task<ServedRuns> Start(GanProgram program, string arguments)
    {
        var process = program.Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Announced().Match(line) is { Success: true } found)
            {
                _ = process.StandardOutput.ReadToEndAsync(); // so that it never waits for a reader
                return new ServedRuns(process, new Uri(found.Groups[1].Value));
            }
        }
        Assert.Fail($"{arguments} printed no address: {await error}");
        throw new UnreachableException();
    }

    /// <summary>Asks it to end, as Ctrl-C does; gives its exit code.</summary>
    public int End()
    {
        if (!_process.HasExited)
            Processes.Run("/bin/bash", "-c", $"kill -INT {_process.Id}");
        Assert.That(_process.WaitForExit(TimeSpan.FromMinutes(1)), Is.True);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"^page +(http://\S+/)$")]
    private static partial Regex Announced();
}

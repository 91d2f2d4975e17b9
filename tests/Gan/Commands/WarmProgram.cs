using System.Diagnostics;
using System.Text;

namespace GanFromScratch.Tests;

/// <summary>
/// One process of the program that runs many command lines, each in its folder and environment, one after another: what the runtime has
/// compiled for one serves the next, where a process for each compiles for a second or more. What tests ask of the process itself (signals,
/// streams, other environments) needs one of its own, and so does each command line with `GAN_WHOLE_SUITE=1`.
/// </summary>
internal sealed class WarmProgram
{
    /// <summary>Makes the program such a process, where this assembly is its startup hook.</summary>
    public const string Variable = "GAN_TEST_WARM";

    private const string Hook = "DOTNET_STARTUP_HOOKS";
    private const char End = '\u001e'; // a record's end, which nothing prints
    private const int MostRuns = 100; // then another process: what one keeps of its runs isn't what is tested
    private static WarmProgram? _current;
    private static int _busy;

    private readonly Process _process;
    private readonly BinaryWriter _requests;
    private int _runs;

    private WarmProgram(string dll, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var start = new ProcessStartInfo("dotnet", [dll])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value; // for drivers, which see no other one later
        start.Environment[Hook] = typeof(WarmProgram).Assembly.Location;
        start.Environment[Variable] = "1";
        _process = Process.Start(start)!;
        _requests = new BinaryWriter(_process.StandardInput.BaseStream);
    }

    /// <summary>Whether command lines may share a process here.</summary>
    public static bool IsUsed { get; } =
        !Thoroughness.IsWhole && typeof(WarmProgram).Assembly.GetType("StartupHook") is not null;

    /// <summary>Runs a command line.</summary>
    /// <exception cref="InvalidOperationException">Another one runs.</exception>
    public static ProcessResult Run(
        string dll, string[] arguments, IReadOnlyCollection<KeyValuePair<string, string?>> environment, TimeSpan limit, string folder)
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("command lines that run side by side need processes of their own: RunAlone");
        WarmProgram? ending = null;
        try
        {
            ending = _current ?? new WarmProgram(dll, environment);
            _current = null;
            var (result, ended) = ending.Run(arguments, environment, limit, folder);
            if (!ended && ++ending._runs < MostRuns)
                (_current, ending) = (ending, null);
            return result;
        }
        finally
        {
            _busy = 0;
            ending?.Close();
        }
    }

    /// <summary>The process's side: runs what is asked for, until nothing more comes.</summary>
    public static int Serve()
    {
        // programs that this one starts are their own
        Environment.SetEnvironmentVariable(Hook, null);
        Environment.SetEnvironmentVariable(Variable, null);
        using var requests = new BinaryReader(Console.OpenStandardInput());
        try
        {
            while (true)
            {
                Environment.CurrentDirectory = requests.ReadString();
                foreach (string variable in ReadAll(requests))
                {
                    int sign = variable.IndexOf('=', StringComparison.Ordinal);
                    Environment.SetEnvironmentVariable(variable[..sign], variable[(sign + 1)..]);
                }
                int code = Gan.Commands.GanProgram.Run(ReadAll(requests));
                Environment.CurrentDirectory = AppContext.BaseDirectory; // the folder may be deleted as soon as this is said
                Console.Out.Write($"{End}{code}{End}");
                Console.Error.Write(End);
            }
        }
        catch (EndOfStreamException)
        {
            return 0;
        }
    }

    private static string[] ReadAll(BinaryReader requests)
    {
        string[] parts = new string[requests.ReadInt32()];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = requests.ReadString();
        return parts;
    }

    private (ProcessResult Result, bool Ended) Run(
        string[] arguments, IEnumerable<KeyValuePair<string, string?>> environment, TimeSpan limit, string folder)
    {
        var output = Task.Run(() => (Text: ReadToEnd(_process.StandardOutput), Code: ReadToEnd(_process.StandardOutput)));
        var error = Task.Run(() => ReadToEnd(_process.StandardError));
        try
        {
            _requests.Write(folder);
            WriteAll([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
            WriteAll(arguments);
            _requests.Flush();
        }
        catch (IOException)
        {
            throw new InvalidOperationException($"the process ended after its {_runs} command lines: {error.Result}");
        }
        if (!Task.WaitAll([output, error], limit))
            throw new TimeoutException($"gan {string.Join(' ', arguments)} ran longer than {limit}");
        bool ended = !int.TryParse(output.Result.Code, out int code); // by a crash
        if (ended)
            _process.WaitForExit();
        return (new ProcessResult(ended ? _process.ExitCode : code, output.Result.Text, error.Result), ended);
    }

    private void WriteAll(string[] parts)
    {
        _requests.Write(parts.Length);
        foreach (string part in parts)
            _requests.Write(part);
    }

    private static string ReadToEnd(StreamReader from)
    {
        var text = new StringBuilder();
        for (int next = from.Read(); next >= 0 && next != End; next = from.Read())
            text.Append((char)next);
        return text.ToString();
    }

    // by the end of its requests, or by force
    private void Close()
    {
        try
        {
            _requests.Dispose();
        }
        catch (IOException)
        {
            // it has ended
        }
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}

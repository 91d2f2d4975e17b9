using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>The result of a child process that loaded drivers.</summary>
/// <param name="Fault">What went wrong, as a predicate of the drivers, such as `didn't answer within 10 seconds`; null if nothing.</param>
/// <param name="Gpus">The number of their graphics processors.</param>
/// <param name="IsFinal">Whether the drivers caused it, and would again.</param>
internal sealed record OpenClProbeResult(string? Fault, int Gpus = 0, bool IsFinal = true);

/// <summary>A child process that loads OpenCL drivers, lists their devices and ends.</summary>
internal static class OpenClProbe
{
    // Set in a child alone: how many milliseconds it has.
    private const string Variable = "GAN_OPENCL_PROBE";

    // Drivers may print as well, so what a child says begins with this.
    private const string Mark = "gan-opencl-probe ";
    private const string Started = "started", Found = "found ";

    private const uint AllDevices = 0xFFFFFFFF, DeviceType = 0x1000;
    private const ulong Gpu = 4;
    private static readonly string[] Libraries = OperatingSystem.IsWindows() ? ["OpenCL.dll"] : ["libOpenCL.so.1", "libOpenCL.so"];

    /// <summary>Whether this process is such a child process.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>
    /// Whether this process can start children: not if it is one, or if its runtime wouldn't call <see cref="StartupHook"/>, as without an
    /// assembly's file. So a child that runs the program after all starts none.
    /// </summary>
    public static bool IsPossible => !IsChild
        && !(AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out bool supported) && !supported)
        && HookPath.Length > 0 && !HookPath.Contains(Path.PathSeparator) && Program is not null;

#pragma warning disable IL3000 // empty in a single file, which is asked for
    private static string HookPath => typeof(OpenClProbe).Assembly.Location;

    // The program that runs now: `--version` makes it harmless even if the hook weren't called.
    private static (string File, string[] Arguments)? Program
    {
        get
        {
            if (Environment.ProcessPath is not { } process)
                return null;
            if (!Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
                return (process, ["--version"]);
            if (Assembly.GetEntryAssembly()?.Location is not { Length: > 0 } entry)
                return null;
            // A test runner is started with the settings of the tests' assembly, beside its list of dependencies.
            string? dependencies = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string)?.Split(';')[0];
            string settings = Path.ChangeExtension(Path.ChangeExtension(dependencies ?? entry, null), ".runtimeconfig.json");
            bool areThere = File.Exists(settings) && File.Exists(dependencies);
            string[] own = areThere ? ["--runtimeconfig", settings, "--depsfile", dependencies!] : [];
            return (process, ["exec", .. own, entry, "--version"]);
        }
    }
#pragma warning restore IL3000

    /// <summary>Loads the drivers that the loader finds with these variables; returns null where no child could be run.</summary>
    public static OpenClProbeResult? Run(IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        var (file, arguments) = Program!.Value;
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment[Variable] = ((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_STARTUP_HOOKS"] = HookPath;
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // a killed runtime would leave its sockets in the temporary folder
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["CORECLR_ENABLE_PROFILING"] = "0";
        try
        {
            using var child = Process.Start(start)!;
            return Watch(child, limit);
        }
        catch (Exception fault) when (fault is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    private static OpenClProbeResult? Watch(Process child, TimeSpan limit)
    {
        long began = Stopwatch.GetTimestamp();
        child.StandardInput.Close();
        child.ErrorDataReceived += (_, _) => { }; // read, so that a driver that says much isn't held up
        child.BeginErrorReadLine();
        var said = new List<string>();
        using var tooLate = new CancellationTokenSource(limit);
        var reading = Task.Run(() => Read(child.StandardOutput, said, tooLate.Token), CancellationToken.None);
        bool ended = child.WaitForExit(limit);
        if (ended)
            reading.Wait(Remaining()); // a process that a driver started may hold the pipe
        else
            Kill(child);
        tooLate.Cancel();
        string[] lines;
        lock (said)
            lines = [.. said];
        if (!lines.Contains(Started))
            return null; // whatever ended or held it, no driver was loaded yet
        if (!ended)
            return new OpenClProbeResult($"didn't answer within {limit.TotalSeconds:0.###} seconds");
        string? found = lines.FirstOrDefault(line => line.StartsWith(Found, StringComparison.Ordinal));
        if (child.ExitCode == 0 && int.TryParse(found?[Found.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int gpus))
            return new OpenClProbeResult(null, gpus);
        var (words, isOwn) = EndOf(child.ExitCode);
        return new OpenClProbeResult($"ended the process that loaded it ({words})", IsFinal: isOwn);

        TimeSpan Remaining() => limit - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } time ? time : TimeSpan.Zero;
    }

    private static void Kill(Process child)
    {
        try
        {
            child.Kill(entireProcessTree: true);
        }
        catch (Exception fault) when (fault is Win32Exception or InvalidOperationException or AggregateException)
        {
            // it has ended by now, or something that it started can't be ended
        }
    }

    private static async Task Read(StreamReader output, List<string> said, CancellationToken tooLate)
    {
        try
        {
            while (await output.ReadLineAsync(tooLate).ConfigureAwait(false) is { } line)
            {
                if (!line.StartsWith(Mark, StringComparison.Ordinal))
                    continue;
                lock (said)
                    said.Add(line[Mark.Length..]);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // what was read is what there is
        }
    }

    // .NET gives 128 and a signal's number as its code. Those that a user or the system sends tell nothing of a driver.
    private static (string Words, bool IsOwn) EndOf(int code) => code switch
    {
        128 + 1 => ("SIGHUP", false),
        128 + 2 => ("SIGINT", false),
        128 + 3 => ("SIGQUIT", false),
        128 + 4 => ("SIGILL", true),
        128 + 6 => ("SIGABRT", true),
        128 + 7 => ("SIGBUS", true),
        128 + 8 => ("SIGFPE", true),
        128 + 9 => ("SIGKILL", false),
        128 + 11 => ("SIGSEGV", true),
        128 + 15 => ("SIGTERM", false),
        < 0 => ($"code 0x{code:X8}", true), // Windows
        _ => ($"exit code {code}", true),
    };

    /// <summary>Loads the drivers in the child process, reports on standard output and exits.</summary>
    public static void LoadAndExit()
    {
        int milliseconds = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int given) && given > 0 ? given : 1;
        // where the parent was killed, nobody else ends a child whose driver never returns
        new Thread(() => EndAfter(milliseconds)) { IsBackground = true }.Start();
        if (OperatingSystem.IsLinux())
        {
            const int Core = 4; // RLIMIT_CORE; a crash is expected here, and its dump is of no use
            _ = SetLimit(Core, new ResourceLimit(0, 0));
        }
        using var output = Console.OpenStandardOutput();
        Say(output, Started);
        Say(output, Found + CountGpus().ToString(CultureInfo.InvariantCulture));
        Environment.Exit(0); // with what drivers do when a process ends, which they would do in the parent too
    }

    private static void EndAfter(int milliseconds)
    {
        Thread.Sleep(milliseconds);
        Process.GetCurrentProcess().Kill();
    }

    private static void Say(Stream output, string what)
    {
        output.Write(Encoding.ASCII.GetBytes($"\n{Mark}{what}\n"));
        output.Flush();
    }

    // What a driver refuses is no fault here: it is worded where its devices are listed.
    private static unsafe int CountGpus()
    {
        nint library = 0;
        if (!Libraries.Any(name => NativeLibrary.TryLoad(name, out library))
            || !NativeLibrary.TryGetExport(library, "clGetPlatformIDs", out nint getPlatforms)
            || !NativeLibrary.TryGetExport(library, "clGetDeviceIDs", out nint getDevices)
            || !NativeLibrary.TryGetExport(library, "clGetDeviceInfo", out nint getInfo))
        {
            return 0;
        }
        var platformIds = (delegate* unmanaged<uint, nint*, uint*, int>)getPlatforms;
        var deviceIds = (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)getDevices;
        var deviceInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)getInfo;

        int gpus = 0;
        uint count = 0;
        if (platformIds(0, null, &count) != 0 || count == 0)
            return 0;
        nint[] platforms = new nint[count];
        fixed (nint* first = platforms)
            _ = platformIds(count, first, null);
        foreach (nint platform in platforms)
        {
            uint some = 0;
            if (deviceIds(platform, AllDevices, 0, null, &some) != 0 || some == 0)
                continue;
            nint[] devices = new nint[some];
            fixed (nint* first = devices)
                _ = deviceIds(platform, AllDevices, some, first, null);
            foreach (nint device in devices)
            {
                ulong type = 0;
                if (deviceInfo(device, DeviceType, sizeof(ulong), &type, null) == 0 && (type & Gpu) != 0)
                    gpus++;
            }
        }
        return gpus;
    }

    [DllImport("libc", EntryPoint = "setrlimit")]
    private static extern int SetLimit(int resource, in ResourceLimit limit);

    private readonly record struct ResourceLimit(nuint Soft, nuint Hard);
}

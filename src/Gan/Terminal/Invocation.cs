namespace GanFromScratch.Gan.Terminal;

/// <summary>How the program was called, so that hints can be typed as they are printed.</summary>
internal static class Invocation
{
    private const string Plain = "gan";
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>Gets what is typed before the arguments: `gan`, or `dotnet run -c Release --project src/Gan --`.</summary>
    public static string Prefix => Found.Value;

    /// <summary>Puts the commands that a text quotes, such as `gan devices`, into the form that was typed.</summary>
    public static string InTypedForm(string text) =>
        Prefix == Plain ? text : text.Replace($"`{Plain} ", $"`{Prefix} ", StringComparison.Ordinal);

    /// <summary>Returns what was typed before the arguments.</summary>
    /// <param name="self">The command line of this process; empty where the system doesn't tell.</param>
    /// <param name="parent">That of the process that started it.</param>
    internal static string Of(string[] self, string[] parent)
    {
        if (parent is [var tool, "run", ..] && Path.GetFileNameWithoutExtension(tool) == "dotnet")
        {
            // the arguments that came through, and the -- before them
            string[] arguments = self[1..];
            string[] before = parent.AsSpan().EndsWith(arguments)
                ? parent[..^arguments.Length]
                : [.. parent.TakeWhile(part => part != "--")];
            if (before is [.., "--"])
                before = before[..^1];
            return string.Join(' ', before[1..].Select(Quoted).Prepend("dotnet").Append("--"));
        }
        if (self is [var host, var dll, ..] && Path.GetFileNameWithoutExtension(host) == "dotnet")
            return dll.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? $"dotnet {Quoted(dll)}" : Plain;
        return self is [var name, ..] ? Quoted(name) : Plain;
    }

    /// <summary>Quotes a path for a shell where it needs that.</summary>
    public static string Quoted(string path) =>
        path.Length > 0 && path.All(c => char.IsLetterOrDigit(c) || "-_./\\:=+,@~".Contains(c, StringComparison.Ordinal)) ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\""
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static string Find()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                string status = File.ReadLines("/proc/self/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
                return Of(CommandLineOf("self"), CommandLineOf(status["PPid:".Length..].Trim()));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // another system's /proc: as anywhere else
        }
        // built beside its sources, three folders up: a clone
        string built = AppContext.BaseDirectory, sources = Path.GetFullPath(Path.Combine(built, "..", "..", ".."));
        bool isClone = Directory.Exists(sources) && Directory.EnumerateFiles(sources, "Gan.csproj").Any();
        string project = Path.GetRelativePath(Environment.CurrentDirectory, sources);
        return isClone ? $"dotnet run -c Release --project {Quoted(project)} --" : Plain;
    }

    private static string[] CommandLineOf(string process) => File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0').Split('\0');
}

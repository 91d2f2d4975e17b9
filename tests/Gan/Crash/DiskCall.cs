using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GanFromScratch.Tests;

/// <summary>What a system call does to a disk.</summary>
internal enum DiskCallKind
{
    /// <summary>Makes an empty file, if there is none of the name.</summary>
    Create,

    /// <summary>Makes a folder.</summary>
    MakeFolder,

    /// <summary>Writes bytes at a place of a file.</summary>
    Write,

    /// <summary>Sets a file's length.</summary>
    SetLength,

    /// <summary>Flushes a file's bytes, or a folder's names.</summary>
    Flush,

    /// <summary>Gives a file another name in its folder, where it replaces another.</summary>
    Rename,

    /// <summary>Removes a name.</summary>
    Remove,
}

/// <summary>A system call that changed a file or a folder, or flushed it.</summary>
internal sealed partial record DiskCall(DiskCallKind Kind, string Path)
{
    private const string Traced = "open,openat,openat2,creat,write,writev,pwrite64,pwritev,pwritev2,truncate,ftruncate,fallocate,fsync,"
        + "fdatasync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,sendfile,"
        + "copy_file_range,splice";

    public string To { get; init; } = "";

    public byte[] Data { get; init; } = [];

    /// <summary>Where bytes are written, or a new length.</summary>
    public long Place { get; init; }

    /// <summary>Returns a command line under strace, which writes what <see cref="Read"/> reads.</summary>
    public static string[] Recorded(string strace, string log, params string[] command) =>
        [strace, "-f", "-qq", "-y", "--seccomp-bpf", "-e", $"trace={Traced}", "-xx", "-s", "100000000", "-o", log, .. command];

    /// <summary>Reads the calls below a folder, in the order in which they ended.</summary>
    /// <exception cref="NotSupportedException">A call that the model of the disk doesn't know.</exception>
    public static IEnumerable<DiskCall> Read(string log, string folder)
    {
        var unfinished = new Dictionary<string, string>(); // by thread
        foreach (string line in File.ReadLines(log))
        {
            string thread = line.Split(' ', 2)[0], call = line[thread.Length..].Trim();
            const string Unfinished = " <unfinished ...>";
            if (call.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                unfinished[thread] = call[..^Unfinished.Length];
                continue;
            }
            if (Resumed().Match(call) is { Success: true } resumed)
                call = unfinished[thread] + call[resumed.Length..];
            foreach (var found in Of(call, folder))
                yield return found;
        }
    }

    private static IEnumerable<DiskCall> Of(string call, string folder)
    {
        if (Result().Match(call) is not { Success: true } result)
            yield break; // it failed, or the program's end came before its own
        string[] texts = [.. Quoted().Matches(call).Select(match => match.Groups[1].Value)];
        string path = Text(Descriptor().Match(call) is { Success: true } file ? file.Groups[1].Value : texts.FirstOrDefault(""));
        if (!texts.Select(Text).Prepend(path).Any(named => named.StartsWith(folder, StringComparison.Ordinal)))
            yield break;
        string[] numbers = [.. call[..result.Index].Split(", ").Select(part => part.Trim())];
        string name = call[..call.IndexOf('(')];
        switch (name)
        {
            case "openat":
                path = Text(texts[0]);
                if (call.Contains("O_CREAT", StringComparison.Ordinal))
                    yield return new(DiskCallKind.Create, path);
                if (call.Contains("O_TRUNC", StringComparison.Ordinal))
                    yield return new(DiskCallKind.SetLength, path);
                break;
            case "open" when !call.Contains("O_CREAT", StringComparison.Ordinal):
                break;
            case "pwrite64":
                int written = int.Parse(result.Groups[1].Value, CultureInfo.InvariantCulture);
                yield return new(DiskCallKind.Write, path) { Data = Bytes(texts[0])[..written], Place = Number(numbers[^1]) };
                break;
            case "ftruncate":
                yield return new(DiskCallKind.SetLength, path) { Place = Number(numbers[^1]) };
                break;
            case "fsync":
                yield return new(DiskCallKind.Flush, path);
                break;
            case "rename":
                yield return new(DiskCallKind.Rename, Text(texts[0])) { To = Text(texts[1]) };
                break;
            case "unlink" or "rmdir":
                yield return new(DiskCallKind.Remove, path);
                break;
            case "mkdir":
                yield return new(DiskCallKind.MakeFolder, path);
                break;
            default:
                throw new NotSupportedException($"the model of the disk lacks {name}, of {path}");
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(string hexadecimal) => Encoding.UTF8.GetString(Bytes(hexadecimal));

    private static byte[] Bytes(string hexadecimal) =>
        Convert.FromHexString(hexadecimal.Replace("\\x", "", StringComparison.Ordinal));

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"\)\s+= (\d+)(<.*>)?$")]
    private static partial Regex Result();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\w+\(\d+<([^>]*)>")]
    private static partial Regex Descriptor();
}

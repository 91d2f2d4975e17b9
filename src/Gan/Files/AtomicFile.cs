using System.Text;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// Writes files atomically: to `.name.tmp` in the same folder, flushed to the disk, then renamed, and the folder flushed too. A kill
/// leaves the old file or the new one, and at most a `.tmp` that the next write replaces.
/// </summary>
public static class AtomicFile
{
    // IOException.HResult: ENOSPC and EDQUOT on Linux, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL on Windows
    private static readonly int[] DiskFull = [28, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>Writes a file by a callback, whose stream can seek. After an exception, any existing file is unchanged.</summary>
    /// <exception cref="GanException">Writing: the disk is full, the folder is gone, or the permission is missing.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ArgumentException($"AtomicFile: '{path}' names no file");
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            DirectoryLock.Flush(folder);
        }
        catch (Exception e)
        {
            Remove(temporary);
            if (IsWriteError(e))
                throw WriteError(path, e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark; otherwise as <see cref="Write"/>.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether an exception is the file system's. A file too large for it (EFBIG) is an argument out of range in .NET.</summary>
    internal static bool IsWriteError(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>Makes the exception for a failed write.</summary>
    internal static GanException WriteError(string path, Exception e) =>
        new(ExitCode.Writing, $"Writing {path} failed: {Reason(e, path, Path.GetDirectoryName(Path.GetFullPath(path))!)}.", e);

    private static string Reason(Exception e, string path, string folder) => e switch
    {
        _ when DiskFull.Contains(e.HResult) => "the disk is full; earlier files are unchanged. Free some space and try again",
        ArgumentOutOfRangeException => "the file is larger than the system allows; raise the limit (ulimit -f), or choose another disk",
        _ when Directory.Exists(path) => "a folder has that name; remove it, or choose another name",
        UnauthorizedAccessException => $"the permission is missing ({e.Message}); allow writing in {folder}, or choose another folder",
        _ when !Directory.Exists(folder) => $"the folder {folder} isn't there, or was removed; create it, or choose another",
        _ => $"{e.Message.TrimEnd('.')}; check the disk that holds {folder}, or choose another folder",
    };

    /// <summary>Removes a file. Failing to is no error: the file stays.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the next write to this folder will report the cause
        }
    }

    /// <summary>Removes temporary files that a kill left in a folder and its subfolders.</summary>
    internal static void RemoveUnfinished(string folder)
    {
        foreach (string temporary in Directory.EnumerateFiles(folder, ".*.tmp", SearchOption.AllDirectories))
            Remove(temporary);
    }
}

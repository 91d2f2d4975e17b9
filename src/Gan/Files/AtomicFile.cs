using System.Text;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// Writes files that are whole at every moment: beside their final name as `.name.tmp`, flushed to the disk, then renamed into place, and the
/// folder flushed too. A kill leaves the old file or the new one, and at most a `.tmp` that the next write replaces.
/// </summary>
public static class AtomicFile
{
    // ENOSPC and EDQUOT on Linux, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL on Windows, as IOException.HResult has them
    private static readonly int[] DiskFull = [28, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>Writes the file's content by <paramref name="write"/>; the stream it gets can also seek.</summary>
    /// <exception cref="GanException">
    /// <see cref="ExitCode.Writing"/>: the disk is full, the folder is gone, or the permission is missing. Whatever the exception, also one
    /// of <paramref name="write"/>'s own, an existing file stays as it was and no temporary one is left.
    /// </exception>
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
            if (IsOfWriting(e))
                throw Failed(path, e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark; otherwise as <see cref="Write"/>.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether an exception came from the file system: for .NET, a file too large for it (EFBIG) is an argument out of range.</summary>
    internal static bool IsOfWriting(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>What is thrown when writing a file failed.</summary>
    internal static GanException Failed(string path, Exception e) =>
        new(ExitCode.Writing, $"Writing {path} failed: {Reason(e, path, Path.GetDirectoryName(Path.GetFullPath(path))!)}.", e);

    private static string Reason(Exception e, string path, string folder) => e switch
    {
        _ when DiskFull.Contains(e.HResult) => "the disk is full; what was written before is unchanged. Free some space and try again",
        ArgumentOutOfRangeException => "the file would be larger than the system allows; raise the limit (ulimit -f) or choose another disk",
        _ when Directory.Exists(path) => "a folder has that name; remove it or choose another name",
        UnauthorizedAccessException => $"the permission is missing ({e.Message}); allow writing in {folder} or choose another folder",
        _ when !Directory.Exists(folder) => $"the folder {folder} isn't there, or was removed meanwhile; make it again or choose another",
        _ => $"{e.Message.TrimEnd('.')}; check the disk that holds {folder}, or choose another folder",
    };

    /// <summary>Removes a file that nobody needs any more. One that can't be removed stays: that is no reason to stop.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // whoever writes next to it will say what is wrong
        }
    }

    /// <summary>Removes what kills have left of files that were being written.</summary>
    internal static void RemoveUnfinished(string folder)
    {
        foreach (string temporary in Directory.EnumerateFiles(folder, ".*.tmp", SearchOption.AllDirectories))
            Remove(temporary);
    }
}

using System.Security.Cryptography;
using System.Text;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// Writes files atomically: to `.name.tmp` in the same folder, flushed to the disk, then renamed, and the folder flushed too. A kill
/// leaves the old file or the new one, and at most a `.tmp` that the next write replaces.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file by a callback, whose stream can seek. After an exception, any existing file is unchanged.</summary>
    /// <exception cref="GanException">Writing: the disk is full, the folder is gone, or the permission is missing.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ArgumentException($"AtomicFile: '{path}' names no file");
        string temporary = Path.Combine(folder, TemporaryOf(Path.GetFileName(path)));
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
            if (FileFault.IsOne(e))
                throw WriteError(path, e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark; otherwise as <see cref="Write"/>.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    // file systems take names of 255 bytes, and one of so many has no room for more
    private static string TemporaryOf(string name)
    {
        const int Longest = 255;
        string temporary = $".{name}.tmp";
        return Encoding.UTF8.GetByteCount(temporary) <= Longest
            ? temporary
            : $".{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}.tmp";
    }

    /// <summary>Makes the exception for a failed write. Its advice is never to remove something.</summary>
    internal static GanException WriteError(string path, Exception e)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        string cause = e switch
        {
            FileNotFoundException or DirectoryNotFoundException when !Directory.Exists(folder) => $"the folder {folder} isn't there",
            FileNotFoundException or DirectoryNotFoundException => "no file can be made there",
            _ => FileFault.Cause(e, path),
        };
        string advice = e switch
        {
            _ when FileFault.IsFull(e) => "earlier files are unchanged. Free some space and try again",
            ArgumentOutOfRangeException => "raise the limit (ulimit -f), or choose another disk",
            _ when FileFault.IsReadOnly(e) => "choose a folder on another one",
            _ when Directory.Exists(path) => "move it elsewhere, or choose another name",
            _ when FileFault.IsForbidden(e) => $"allow writing in {folder}, or choose another folder",
            _ when !Directory.Exists(folder) => "create it, or choose another",
            _ => $"check the disk that holds {folder}, or choose another folder",
        };
        return new(ExitCode.Writing, $"Writing {path} failed: {cause}; {advice}.", e);
    }

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

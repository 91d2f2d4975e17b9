using System.Runtime.InteropServices;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// Makes, locks and flushes folders. A flushed folder keeps a new or renamed file after a power cut. On Unix the folder itself is locked,
/// which .NET can't; on Windows a file in it that goes with the lock. On file systems that can't, nothing happens.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int LockExclusiveNow = 2 | 4; // LOCK_EX | LOCK_NB
    private const int WouldBlock = 11, WouldBlockOnMac = 35; // EWOULDBLOCK
    private readonly int _handle;
    private readonly FileStream? _file;

    private DirectoryLock(int handle, FileStream? file = null) => (_handle, _file) = (handle, file);

    /// <summary>The file that locks a folder on Windows.</summary>
    public static string FileName => ".lock";

    /// <summary>Makes a folder and those above it, unless they are there; a power cut doesn't take them away.</summary>
    public static void Make(string folder)
    {
        if (Directory.Exists(folder))
            return;
        string? above = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (above is not null)
            Make(above);
        Directory.CreateDirectory(folder);
        if (above is not null)
            Flush(above);
    }

    /// <summary>Flushes a folder's entries to the disk.</summary>
    public static void Flush(string folder)
    {
        using var opened = Open(folder);
        if (opened._handle >= 0)
            _ = Sync(opened._handle);
    }

    /// <summary>Locks a folder until the result is disposed or the process ends.</summary>
    /// <returns>The lock, or null if another process holds it.</returns>
    public static DirectoryLock? Lock(string folder)
    {
        if (OperatingSystem.IsWindows())
            return LockByFile(folder);
        var opened = Open(folder);
        if (opened._handle < 0 || Lock(opened._handle, LockExclusiveNow) == 0
            || Marshal.GetLastPInvokeError() is not (WouldBlock or WouldBlockOnMac))
        {
            return opened;
        }
        opened.Dispose();
        return null;
    }

    /// <summary>Locks a folder by a file in it, which nobody else can open meanwhile.</summary>
    internal static DirectoryLock? LockByFile(string folder)
    {
        try
        {
            string path = Path.Combine(folder, FileName);
            return new(-1, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException fault) when (FileFault.IsUsed(fault))
        {
            return null;
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            return new(-1); // a folder that takes no file: what is to be written there will say why
        }
    }

    /// <summary>Locks a folder like <see cref="Lock(string)"/>, but waits out those who only ask whether it is locked.</summary>
    public static DirectoryLock? Await(string folder)
    {
        const int Tries = 10, Milliseconds = 30;
        for (int i = 1; i < Tries; i++)
        {
            if (Lock(folder) is { } own)
                return own;
            Thread.Sleep(Milliseconds);
        }
        return Lock(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle >= 0)
            _ = Close(_handle);
        _file?.Dispose();
    }

    // closed in programs that are started: a browser must not hold the lock on
    private static DirectoryLock Open(string folder)
    {
        const int OnLinux = 0x80000, OnMac = 0x1000000; // O_CLOEXEC
        return new(OperatingSystem.IsWindows() ? -1 : Open(folder, OperatingSystem.IsMacOS() ? OnMac : OnLinux));
    }

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Lock(int handle, int operation);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}

using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Files;

/// <summary>A text file that grows by whole lines: each line is one write, and a failed write is undone.</summary>
internal sealed class AppendLog
{
    private readonly string _path;

    /// <summary>Creates the file, or empties it, and writes a header.</summary>
    public AppendLog(string path, string header)
    {
        _path = path;
        AtomicFile.WriteText(path, header);
    }

    private AppendLog(string path) => _path = path;

    /// <summary>Throws if a file has fewer lines than a checkpoint needs.</summary>
    /// <exception cref="GanException">Data: fewer lines, or a file that can't be read.</exception>
    public static void RequireLines(string path, int lines)
    {
        int found = 0;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            found = Measure(stream, lines).Lines;
        }
        catch (FileNotFoundException)
        {
            throw Lacking(path, "isn't there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, e);
        }
        if (found < lines)
        {
            throw Lacking(path, $"has {Plural.Of(found, "line")} of the {lines:N0} that were written before the checkpoint");
        }
    }

    // an older checkpoint may need fewer lines, or none may: only a new run is sure to begin
    private static GanException Lacking(string path, string what)
    {
        string run = Invocation.Quoted(Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".");
        return new(
            ExitCode.Data,
            $"{path}, the run's log, {what}. The checkpoint is whole: restore the log to resume, or train the same networks on in a new "
            + $"run by `gan --settings {run} --init-from {run}`.");
    }

    /// <summary>Returns a file's first line.</summary>
    /// <exception cref="GanException">Data: the file can't be read.</exception>
    public static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Unreadable(path, e);
        }
    }

    /// <summary>Reopens a file and removes all lines after the first ones.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lines">Lines to keep, at most those of the file.</param>
    /// <exception cref="GanException">Writing: the file can't be truncated.</exception>
    public static AppendLog Resume(string path, int lines)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            stream.SetLength(Measure(stream, lines).Length);
            return new AppendLog(path);
        }
        catch (Exception e) when (FileFault.IsOne(e))
        {
            throw AtomicFile.WriteError(path, e);
        }
    }

    /// <summary>Reopens a file and removes the first line that isn't to stay, and all after it; one that isn't there is created.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">The first lines of a new file.</param>
    /// <param name="stays">Tells of a line whether it stays.</param>
    /// <exception cref="GanException">Writing: the file can't be read or truncated.</exception>
    public static AppendLog ResumeWhile(string path, string header, Func<string, bool> stays)
    {
        try
        {
            return File.Exists(path) ? Resume(path, File.ReadLines(path).TakeWhile(stays).Count()) : new AppendLog(path, header);
        }
        catch (Exception e) when (FileFault.IsOne(e))
        {
            throw AtomicFile.WriteError(path, e);
        }
    }

    /// <summary>Flushes all lines to the disk.</summary>
    /// <exception cref="GanException">Writing: flushing failed.</exception>
    public void Flush()
    {
        try
        {
            using var stream = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (FileFault.IsOne(e))
        {
            throw AtomicFile.WriteError(_path, e);
        }
    }

    /// <summary>Appends a line.</summary>
    /// <exception cref="GanException">Writing: writing failed; the file is as before.</exception>
    public void Append(string line) => Append(_path, Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Appends bytes to a file.</summary>
    /// <exception cref="GanException">Writing: writing failed; the file is as before.</exception>
    public static void Append(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            // opened each time: a removed file is an error, not a silent loss
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            long before = stream.Seek(0, SeekOrigin.End);
            try
            {
                stream.Write(bytes);
            }
            catch
            {
                stream.SetLength(before);
                throw;
            }
        }
        catch (Exception e) when (FileFault.IsOne(e))
        {
            throw AtomicFile.WriteError(path, e);
        }
    }

    // Counts whole lines, at most so many, and their bytes.
    private static (long Length, int Lines) Measure(Stream stream, int lines)
    {
        long length = 0, position = 0;
        int found = 0;
        var buffer = new byte[1 << 16];
        for (int read; found < lines && (read = stream.Read(buffer)) > 0; position += read)
        {
            for (int i = 0; i < read && found < lines; i++)
            {
                if (buffer[i] == '\n')
                    (length, found) = (position + i + 1, found + 1);
            }
        }
        return (length, found);
    }
}

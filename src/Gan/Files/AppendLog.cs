using System.Text;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>A text file that grows by whole lines: a line is one write, and one that fails is taken back.</summary>
internal sealed class AppendLog
{
    private readonly string _path;

    /// <summary>Makes the file, or empties it, and writes its beginning.</summary>
    public AppendLog(string path, string beginning)
    {
        _path = path;
        AtomicFile.WriteText(path, beginning);
    }

    private AppendLog(string path) => _path = path;

    /// <summary>Refuses a file with fewer lines than it must have.</summary>
    /// <exception cref="GanException">Data: it has fewer, or can't be read.</exception>
    public static void RequireLines(string path, int lines)
    {
        int found = 0;
        try
        {
            if (File.Exists(path))
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                found = LengthOf(stream, lines).Found;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {e.Message.TrimEnd('.')}.", e);
        }
        if (found < lines)
        {
            throw new GanException(
                ExitCode.Data,
                $"{path} has {Plural.Of(found, "line")}, and the checkpoint counts on {lines:N0}. Put it back as the run wrote it, "
                + "or go on from an older checkpoint with --from.");
        }
    }

    /// <summary>Goes on with a file as it was at some time: lines that came later are removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lines">Its lines at that time, which it has.</param>
    /// <exception cref="GanException">Writing: it can't be cut.</exception>
    public static AppendLog Resume(string path, int lines)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            stream.SetLength(LengthOf(stream, lines).Length);
            return new AppendLog(path);
        }
        catch (Exception e) when (AtomicFile.IsOfWriting(e))
        {
            throw AtomicFile.Failed(path, e);
        }
    }

    /// <summary>Sees to it that all lines are on the disk.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: they can't be written there.</exception>
    public void Flush()
    {
        try
        {
            using var stream = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (AtomicFile.IsOfWriting(e))
        {
            throw AtomicFile.Failed(_path, e);
        }
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="GanException"><see cref="ExitCode.Writing"/>: it can't be written; the file is as before.</exception>
    public void Append(string line)
    {
        try
        {
            // opened anew: a file that somebody removed is noticed
            using var stream = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            long before = stream.Seek(0, SeekOrigin.End);
            try
            {
                stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
            catch
            {
                stream.SetLength(before);
                throw;
            }
        }
        catch (Exception e) when (AtomicFile.IsOfWriting(e))
        {
            throw AtomicFile.Failed(_path, e);
        }
    }

    // bytes of so many whole lines, and how many there are of them
    private static (long Length, int Found) LengthOf(Stream stream, int lines)
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

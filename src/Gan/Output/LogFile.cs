using System.Text;

namespace GanFromScratch.Gan;

/// <summary>A text file that grows by whole lines: a line is one write, and one that fails is taken back.</summary>
internal sealed class LogFile
{
    private readonly string _path;

    /// <summary>Makes the file, or empties it, and writes its beginning.</summary>
    public LogFile(string path, string beginning)
    {
        _path = path;
        WholeFile.WriteText(path, beginning);
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
        catch (Exception e) when (WholeFile.IsOfWriting(e))
        {
            throw WholeFile.Failed(_path, e);
        }
    }
}

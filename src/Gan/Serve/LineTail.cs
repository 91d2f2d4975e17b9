using System.Text;

namespace GanFromScratch.Gan.Serve;

/// <summary>Follows the whole lines that a file gets at its end, while another process writes it.</summary>
/// <param name="path">The file, which may not be there yet.</param>
/// <param name="position">Bytes that are known.</param>
internal sealed class LineTail(string path, long position = 0)
{
    private const int MostAtOnce = 1 << 20;

    /// <summary>Bytes that are known, up to the end of a line.</summary>
    public long Position { get; private set; } = position;

    /// <summary>
    /// Returns the lines since the last call, at most a megabyte of them; null: the file became shorter, as a resumed run's does.
    /// </summary>
    public string[]? Read()
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (stream.Length < Position)
                return null;
            var bytes = new byte[Math.Min(stream.Length - Position, MostAtOnce)];
            stream.Position = Position;
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            int end = bytes.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            Position += end;
            return end == 0 ? [] : Encoding.UTF8.GetString(bytes, 0, end - 1).Split('\n');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Position == 0 ? [] : null;
        }
    }
}

using System.Diagnostics;

namespace GanFromScratch.Tensors;

/// <summary>What a driver's compiler says: ILGPU writes it to the trace alone.</summary>
internal sealed class BuildLog : IDisposable
{
    private const int MostLines = 4;

    private readonly StringWriter _text = new();
    private readonly TextWriterTraceListener _listener;

    public BuildLog()
    {
        _listener = new TextWriterTraceListener(_text);
        Trace.Listeners.Add(_listener);
    }

    /// <summary>A sentence of its first lines, with a space before it; nothing where there are none.</summary>
    public string Says
    {
        get
        {
            string[] lines = _text.ToString().Replace("\0", "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string[] own = [.. lines.Where(line =>
                !line.StartsWith(">> No error", StringComparison.Ordinal) && !line.EndsWith("loading failed:", StringComparison.Ordinal))];
            return own.Length > 0 ? $" The driver's compiler says: {string.Join("; ", own.Take(MostLines))}." : "";
        }
    }

    public void Dispose()
    {
        Trace.Listeners.Remove(_listener);
        _listener.Dispose();
    }
}

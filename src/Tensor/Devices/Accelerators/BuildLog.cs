using System.Diagnostics;

namespace GanFromScratch.Tensors;

/// <summary>Captures the log of a driver's compiler, which ILGPU writes to the trace.</summary>
internal sealed class BuildLog : IDisposable
{
    private const int MaxLines = 4;

    private readonly StringWriter _text = new();
    private readonly TextWriterTraceListener _listener;

    public BuildLog()
    {
        _listener = new TextWriterTraceListener(_text);
        Trace.Listeners.Add(_listener);
    }

    /// <summary>A sentence with its first lines, after a space; empty where there are none.</summary>
    public string Says
    {
        get
        {
            const StringSplitOptions Options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
            string[] lines = _text.ToString().Replace("\0", "").Split('\n', Options);
            string[] own = [.. lines.Where(line =>
                !line.StartsWith(">> No error", StringComparison.Ordinal) && !line.EndsWith("loading failed:", StringComparison.Ordinal))];
            return own.Length > 0 ? $" The driver's compiler says: {string.Join("; ", own.Take(MaxLines))}." : "";
        }
    }

    public void Dispose()
    {
        Trace.Listeners.Remove(_listener);
        _listener.Dispose();
    }
}

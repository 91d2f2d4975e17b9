using System.Text;

namespace GanFromScratch.Gan.Terminal;

/// <summary>
/// A writer that never throws: what its stream doesn't take is left out, and the next line is tried again. Signs that an encoding lacks are
/// spelled in ASCII.
/// </summary>
internal sealed class GuardedWriter : TextWriter
{
    private const string Signs = "→·±²‖µᵀ━─▀▁▂▃▄▅▆▇█";

    private static readonly string[] Spelled =
        ["->", "*", "+-", "^2", "||", "u", "^T", "-", "-", "\"", "_", ".", "-", "~", "=", "+", "*", "#"];

    private readonly Func<Stream>? _open;
    private readonly Encoding _encoding;
    private readonly char[] _lacking;
    private StreamWriter? _inner;

    /// <summary>Makes a writer.</summary>
    /// <param name="open">Opens the stream; null: it was closed before the program began.</param>
    /// <param name="encoding">How characters are written.</param>
    public GuardedWriter(Func<Stream>? open, Encoding encoding)
    {
        const int Utf8 = 65001;
        (_open, _encoding) = (open, encoding.CodePage == Utf8 ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) : encoding);
        _lacking = [.. Signs.Where(sign => encoding.GetString(encoding.GetBytes([sign])) != sign.ToString())];
    }

    /// <summary>Why something wasn't written; null: all was.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => _encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine); // in one piece

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        try
        {
            if (_open is null)
                throw new UnauthorizedAccessException("The stream is closed");
            _inner ??= new StreamWriter(_open(), _encoding, bufferSize: 4096) { AutoFlush = true };
            if (buffer.IndexOfAny(_lacking) >= 0)
                buffer = Spell(buffer);
            _inner.Write(buffer);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Fault ??= fault;
            _inner = null; // with what it holds of this text
        }
    }

    private string Spell(ReadOnlySpan<char> text)
    {
        var spelled = new StringBuilder();
        foreach (char sign in text)
            spelled.Append(_lacking.Contains(sign) ? Spelled[Signs.IndexOf(sign, StringComparison.Ordinal)] : sign.ToString());
        return spelled.ToString();
    }
}

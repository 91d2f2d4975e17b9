using System.Text.RegularExpressions;

namespace GanFromScratch.Gan.Terminal;

/// <summary>Lays text out in a width.</summary>
internal static partial class TextLayout
{
    private const int Narrowest = 20; // columns that are left for text beside a heading; a wider heading stands on a line of its own

    /// <summary>
    /// Wraps a line between words, and not within a `quoted command`. Further lines begin under the text that follows the first gap of two
    /// spaces, as in a table, or under the first word. A word that is longer than a line is left whole.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="width">Columns; <see cref="int.MaxValue"/> for no end.</param>
    public static IEnumerable<string> Wrap(string line, int width)
    {
        if (line.Length <= width)
            return [line];
        int gap = Heading().Match(line).Length;
        int indent = gap > 0 && width - gap >= Narrowest ? gap : line.Length - line.TrimStart().Length + (gap > 0 ? 2 : 0);
        return Wrap(line, indent, width);
    }

    /// <summary>Writes two columns, the right one wrapped within its own; beneath the left one where that is too wide.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Columns of the window.</param>
    public static IEnumerable<string> TwoColumns(IReadOnlyList<(string Left, string Right)> rows, int width)
    {
        const int Margin = 2, Most = 30;
        int left = rows.Select(row => row.Left.Length).Where(length => length <= Most).DefaultIfEmpty(8).Max();
        if (width - left - (3 * Margin) < Narrowest)
            left = 8;
        string indent = new(' ', left + (2 * Margin));
        foreach (var (heading, text) in rows)
        {
            bool beside = heading.Length <= left;
            if (!beside)
            {
                foreach (string line in Wrap($"  {heading}", 2 * Margin, width))
                    yield return line;
            }
            string first = beside ? $"  {heading.PadRight(left)}  {text}" : indent + text;
            foreach (string line in Wrap(first, indent.Length, width))
                yield return line.TrimEnd();
        }
    }

    private static IEnumerable<string> Wrap(string line, int indent, int width)
    {
        string margin = new(' ', indent);
        while (line.Length > width)
        {
            int from = line.Length - line.AsSpan().TrimStart().Length;
            int at = BeforeQuote(line, line.LastIndexOf(' ', width), Math.Max(from, indent), width - indent);
            if (at <= Math.Max(from, indent))
                at = line.IndexOf(' ', Math.Max(from, Math.Min(indent, line.Length - 1)));
            if (at < 0)
                break;
            yield return line[..at].TrimEnd();
            line = margin + line[at..].TrimStart();
        }
        yield return line;
    }

    // a command that is quoted stays on one line, to be copied, where a line has room for it
    private static int BeforeQuote(string line, int at, int from, int room)
    {
        if (at < 0 || line.AsSpan(0, at).Count('`') % 2 == 0)
            return at;
        int open = line.LastIndexOf('`', at), close = line.IndexOf('`', open + 1);
        int before = open > 0 ? line.LastIndexOf(' ', open - 1) : -1;
        return close > open && close - open < room && before > from ? before : at;
    }

    // up to the first gap of two or more spaces between words
    [GeneratedRegex(@"^ *(?:\S+ )*\S+ {2,}(?=\S)")]
    private static partial Regex Heading();
}

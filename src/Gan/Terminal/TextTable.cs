using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Terminal;

/// <summary>
/// A table on a screen, row by row. Where it is wider than the window, each row becomes a paragraph: its first value, and beneath it a line
/// for each of the others, after the name of its column.
/// </summary>
internal sealed class TextTable
{
    private readonly Screen _screen;
    private readonly IReadOnlyList<(string Name, int Width)> _columns;
    private readonly bool _fits;

    /// <summary>Makes a table for the window.</summary>
    /// <param name="screen">The screen.</param>
    /// <param name="columns">The columns' names and widths; below 0: aligned to the left.</param>
    public TextTable(Screen screen, params IReadOnlyList<(string Name, int Width)> columns)
        : this(screen, Screen.Width, columns)
    {
    }

    /// <summary>Makes a table for so many columns.</summary>
    internal TextTable(Screen screen, int width, params IReadOnlyList<(string Name, int Width)> columns)
    {
        (_screen, _columns) = (screen, columns);
        _fits = columns.Sum(column => Math.Abs(column.Width) + 2) - 2 <= width;
    }

    /// <summary>Shows the names of the columns.</summary>
    public void Header()
    {
        if (_fits)
            Line([.. _columns.Select(column => column.Name)]);
    }

    /// <summary>Shows a row.</summary>
    /// <param name="values">A value for each column, as text; names of files among them may hold what a terminal would obey.</param>
    public void Row(params IReadOnlyList<string> values)
    {
        values = [.. values.Select(Plural.Printable)];
        if (_fits)
        {
            Line(values);
            return;
        }
        string margin = new(' ', values[0].Length - values[0].TrimStart().Length + 2);
        _screen.Say(values[0]);
        int width = _columns.Skip(1).Max(column => column.Name.Length);
        foreach (var (column, value) in _columns.Zip(values).Skip(1).Where(pair => pair.Second.Length > 0))
            _screen.Say($"{margin}{column.Name.PadRight(width)}  {value}");
    }

    // as it is, so that nothing is wrapped
    private void Line(IReadOnlyList<string> values) => _screen.Print(string.Join("  ", _columns.Zip(values, (column, value) =>
        column.Width < 0 ? value.PadRight(-column.Width) : value.PadLeft(column.Width))).TrimEnd());
}

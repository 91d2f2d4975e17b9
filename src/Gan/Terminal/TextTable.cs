namespace GanFromScratch.Gan.Terminal;

/// <summary>
/// A table on a screen, row by row. Where it is wider than the window, each row becomes a paragraph: its first value, and beneath it a line
/// for each of the others, after the name of its column.
/// </summary>
/// <param name="screen">The screen.</param>
/// <param name="columns">The columns' names and widths; below 0: aligned to the left.</param>
internal sealed class TextTable(Screen screen, params IReadOnlyList<(string Name, int Width)> columns)
{
    private readonly bool _fits = columns.Sum(column => Math.Abs(column.Width) + 2) - 2 <= Screen.Width;

    /// <summary>Shows the names of the columns.</summary>
    public void Header()
    {
        if (_fits)
            Line([.. columns.Select(column => column.Name)]);
    }

    /// <summary>Shows a row.</summary>
    /// <param name="values">A value for each column, as text.</param>
    public void Row(params IReadOnlyList<string> values)
    {
        if (_fits)
        {
            Line(values);
            return;
        }
        screen.Say(values[0]);
        int width = columns.Skip(1).Max(column => column.Name.Length);
        foreach (var (column, value) in columns.Zip(values).Skip(1).Where(pair => pair.Second.Length > 0))
            screen.Say($"  {column.Name.PadRight(width)}  {value}");
    }

    // as it is, so that nothing is wrapped
    private void Line(IReadOnlyList<string> values) => screen.Print(string.Join("  ", columns.Zip(values, (column, value) =>
        column.Width < 0 ? value.PadRight(-column.Width) : value.PadLeft(column.Width))).TrimEnd());
}

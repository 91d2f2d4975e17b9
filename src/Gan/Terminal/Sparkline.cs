using System.Globalization;

namespace GanFromScratch.Gan.Terminal;

/// <summary>Draws values as a line of blocks, from the lowest to the highest.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>Returns the line, with the last value before it and the range behind it.</summary>
    /// <param name="name">What the values are.</param>
    /// <param name="values">The values; NaN where there is none.</param>
    /// <param name="width">Columns of the whole line.</param>
    public static string Of(string name, IReadOnlyList<float> values, int width)
    {
        float[] known = [.. values.Where(float.IsFinite)];
        if (known.Length == 0)
            return name;
        float low = known.Min(), high = known.Max();
        string head = string.Create(CultureInfo.InvariantCulture, $"{name} {known[^1]:0.000} ");
        string range = string.Create(CultureInfo.InvariantCulture, $" {low:0.00} to {high:0.00}");
        int cells = Math.Min(values.Count, Math.Max(1, width - head.Length - range.Length));
        char[] line = [.. Enumerable.Range(0, cells).Select(Cell)];
        return $"{head}{new string(line)}{range}";

        // the mean of the values that share a cell
        char Cell(int cell)
        {
            int from = (int)((long)cell * values.Count / cells), to = (int)((cell + 1L) * values.Count / cells);
            float[] part = [.. Enumerable.Range(from, to - from).Select(i => values[i]).Where(float.IsFinite)];
            if (part.Length == 0)
                return ' ';
            float share = high > low ? (part.Average() - low) / (high - low) : 0.5f;
            return Blocks[Math.Clamp((int)(share * Blocks.Length), 0, Blocks.Length - 1)];
        }
    }
}

using System.Text.Json;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Serve;

/// <summary>
/// Columns of numbers by name, of as many rows as a page can draw: of more, neighbours become their mean. A damaged file, whose first line
/// names thousands of columns and whose others are short, would take memory by the square of its length: there is a most of columns, too.
/// </summary>
internal sealed class Series
{
    private const int MostRows = 4000;
    private const int MostColumns = 256;
    private readonly List<(string Name, List<double> Values)> _columns = [];
    private readonly double[] _sums;
    private readonly int[] _counts;
    private int _perRow = 1, _inRow, _rows;

    /// <summary>Makes columns without rows.</summary>
    /// <param name="names">Their names, of which 256 are taken: several times as many as a run's files have.</param>
    public Series(IEnumerable<string> names)
    {
        _columns.AddRange(names.Take(MostColumns).Select(name => (name, new List<double>())));
        (_sums, _counts) = (new double[_columns.Count], new int[_columns.Count]);
    }

    /// <summary>The columns' names.</summary>
    public IEnumerable<string> Names => _columns.Select(column => column.Name);

    /// <summary>Adds a row.</summary>
    /// <param name="values">
    /// A number for each column; NaN where there is none. What there is beyond is left out, for a line may be damaged.
    /// </param>
    public void Add(ReadOnlySpan<double> values)
    {
        for (int i = 0; i < Math.Min(values.Length, _sums.Length); i++)
        {
            if (double.IsFinite(values[i]))
                (_sums[i], _counts[i]) = (_sums[i] + values[i], _counts[i] + 1);
        }
        if (++_inRow < _perRow)
            return;
        EndRow();
        if (_rows < MostRows)
            return;
        (_perRow, _rows) = (_perRow * 2, _rows / 2);
        foreach (var (_, column) in _columns)
        {
            for (int i = 0; i < column.Count / 2; i++)
                column[i] = Mean(column[2 * i], column[(2 * i) + 1]);
            column.RemoveRange(column.Count / 2, column.Count - (column.Count / 2));
        }
    }

    /// <summary>Writes an object with an array for each column.</summary>
    public void Write(Utf8JsonWriter json, string name)
    {
        if (_inRow > 0)
            EndRow();
        json.WriteStartObject(name);
        foreach (var (column, values) in _columns)
        {
            json.WriteStartArray(column);
            foreach (double value in values)
                json.WriteOptionalValue(value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void EndRow()
    {
        for (int i = 0; i < _sums.Length; i++)
            _columns[i].Values.Add(_counts[i] > 0 ? _sums[i] / _counts[i] : double.NaN);
        Array.Clear(_sums);
        Array.Clear(_counts);
        _inRow = 0;
        _rows++;
    }

    private static double Mean(double a, double b) => double.IsNaN(a) ? b : double.IsNaN(b) ? a : (a + b) / 2;
}

namespace GanFromScratch.Gan.Errors;

/// <summary>Suggests the known name closest to a mistyped one.</summary>
internal static class Suggestion
{
    private const int MaxDistance = 2;

    /// <summary>Writes "Did you mean NAME? ", or nothing if no known name is close.</summary>
    public static string For(string typed, IEnumerable<string> known)
    {
        var (name, distance) = known.Select(name => (name, Distance(typed, name))).MinBy(pair => pair.Item2);
        return distance <= MaxDistance ? $"Did you mean {name}? " : "";
    }

    // Levenshtein (1966): the fewest letters to insert, delete or change
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}

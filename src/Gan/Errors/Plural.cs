namespace GanFromScratch.Gan.Errors;

/// <summary>Writes numbers with their nouns, and lists of names.</summary>
internal static class Plural
{
    /// <summary>Writes `1 step` or `30,000 steps`.</summary>
    public static string Of(long count, string noun) => Of(count, noun, $"{noun}s");

    /// <summary>Writes `1 class` or `3 classes`.</summary>
    public static string Of(long count, string one, string many) => count == 1 ? $"1 {one}" : $"{count:N0} {many}";

    /// <summary>Writes the first of some names, and how many more there are: `a, b and 3 more`.</summary>
    public static string Some(IReadOnlyList<string> names, int most = 5)
    {
        string first = string.Join(", ", names.Take(most).Select(Printable));
        return names.Count > most ? $"{first} and {names.Count - most:N0} more" : first;
    }

    /// <summary>Replaces characters that a terminal would obey: names of files may hold any.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, (to, from) =>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = char.IsControl(from[i]) && from[i] != '\n' ? '\uFFFD' : from[i]; // lists have a line for each item
    });
}

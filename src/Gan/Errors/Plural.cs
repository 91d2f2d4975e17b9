namespace GanFromScratch.Gan.Errors;

/// <summary>Numbers with their nouns.</summary>
internal static class Plural
{
    /// <summary>`1 step`, `30,000 steps`.</summary>
    public static string Of(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count:N0} {noun}s";
}

namespace GanFromScratch.Gan.Errors;

/// <summary>Writes a number with its noun.</summary>
internal static class Plural
{
    /// <summary>Writes `1 step` or `30,000 steps`.</summary>
    public static string Of(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count:N0} {noun}s";
}

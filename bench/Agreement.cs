namespace GanFromScratch.Bench;

/// <summary>What is timed side by side must have the same result; a setup that finds otherwise ends the benchmark.</summary>
internal static class Agreement
{
    /// <summary>Throws unless both hold the same bits.</summary>
    public static void SameBits(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            throw new InvalidOperationException($"{what}: {actual.Length} numbers where {expected.Length} were expected");
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Refuse(what, i, $"{expected[i]:g9}", actual[i]);
        }
    }

    /// <summary>Throws unless every number is within the tolerance: relative, or absolute below 1.</summary>
    public static void Near(string what, ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        if (expected.Length != actual.Length)
            throw new InvalidOperationException($"{what}: {actual.Length} numbers where {expected.Length} were expected");
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))))
                Refuse(what, i, $"{expected[i]:g9}", actual[i]);
        }
    }

    private static void Refuse(string what, int i, string expected, float actual) => throw new InvalidOperationException(
        $"{what}: element {i} is {actual:g9}, not {expected} as in the other variant; their times can't be compared before they agree");
}

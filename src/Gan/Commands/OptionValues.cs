using System.CommandLine;
using System.Globalization;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Parses the values of options.</summary>
internal static class OptionValues
{
    /// <summary>Parses a whole number within a range; null without the option.</summary>
    /// <exception cref="GanException">Usage: not a whole number, or out of range.</exception>
    public static int? Whole(this ParseResult given, Option<string> option, int low, int high = int.MaxValue)
    {
        if (given.GetValue(option) is not { } text)
            return null;
        if (!IsWhole(text))
            throw Wrong(option, text, "is not a whole number", $"Give one {Range(low, high)}");
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < low || value > high)
            throw Wrong(option, text, "is out of range", $"Give a whole number {Range(low, high)}");
        return value;
    }

    /// <summary>Parses a seed; null without the option.</summary>
    /// <exception cref="GanException">Usage: not a whole number, or out of range.</exception>
    public static ulong? Seed(this ParseResult given, Option<string> option)
    {
        if (given.GetValue(option) is not { } text)
            return null;
        if (!TrySeed(text, out ulong value))
            throw Wrong(option, text, IsWhole(text) ? "is out of range" : "is not a whole number", $"Give one from 0 to {ulong.MaxValue}");
        return value;
    }

    /// <summary>Parses seeds such as 0-31 or 3,7,20-29; null without the option.</summary>
    /// <exception cref="GanException">Usage: not such ranges, or too many seeds.</exception>
    public static ulong[]? Seeds(this ParseResult given, Option<string> option, int max) =>
        given.GetValue(option) is { } text ? SeedsOf(option, text, max) : null;

    /// <summary>Parses seeds of a text.</summary>
    /// <exception cref="GanException">Usage: not such ranges, or too many seeds.</exception>
    public static ulong[] SeedsOf(Option option, string text, int max)
    {
        var seeds = new List<ulong>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TrySeed(ends[0], out ulong first) || !TrySeed(ends[^1], out ulong last) || last < first)
                throw Wrong(option, text, "is no range of seeds", "Give one such as 0-31, or several such as 3,7,20-29");
            if (last - first >= (ulong)(max - seeds.Count))
                throw Wrong(option, text, "is out of range", $"Give at most {max} seeds");
            for (ulong i = 0; i <= last - first; i++)
                seeds.Add(first + i);
        }
        return [.. seeds];
    }

    /// <summary>Parses a finite number above 0; null without the option.</summary>
    /// <exception cref="GanException">Usage: not a number, not finite, or not above 0.</exception>
    public static float? Positive(this ParseResult given, Option<string> option)
    {
        if (given.GetValue(option) is not { } text)
            return null;
        if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            throw Wrong(option, text, "is not a number", "Give one above 0, such as 0.0002 or 2e-4");
        if (!float.IsFinite(value) || value <= 0)
            throw Wrong(option, text, "is not a finite number above 0", "Give one such as 0.0002 or 2e-4");
        return value;
    }

    /// <summary>Parses a number of at least 0, and below a bound; null without the option.</summary>
    /// <exception cref="GanException">Usage: not a number, not finite, or out of range.</exception>
    public static float? NotNegative(this ParseResult given, Option<string> option, float below = float.PositiveInfinity)
    {
        if (given.GetValue(option) is not { } text)
            return null;
        string advice = float.IsFinite(below)
            ? FormattableString.Invariant($"Give one of at least 0 and below {below}")
            : "Give a finite one of at least 0";
        if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            throw Wrong(option, text, "is not a number", advice);
        if (!(value >= 0 && value < below))
            throw Wrong(option, text, "is out of range", advice);
        return value;
    }

    /// <summary>Parses one of several words, as its index; null without the option.</summary>
    /// <exception cref="GanException">Usage: another word.</exception>
    public static int? Choice(this ParseResult given, Option<string> option, string[] words)
    {
        if (given.GetValue(option) is not { } text)
            return null;
        int index = Array.IndexOf(words, text);
        return index >= 0 ? index : throw Wrong(option, text, "is unknown", $"Give one of {string.Join(", ", words)}");
    }

    private static bool TrySeed(string text, out ulong seed) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);

    private static bool IsWhole(string text)
    {
        var digits = text.AsSpan(text is ['-' or '+', ..] ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static string Range(int low, int high) => high == int.MaxValue ? $"of at least {low}" : $"from {low} to {high}";

    private static GanException Wrong(Option option, string text, string fault, string advice) =>
        new(ExitCode.Usage, $"{option.Name}: '{text}' {fault}. {advice}.");
}

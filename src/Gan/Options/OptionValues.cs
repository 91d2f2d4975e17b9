using System.Globalization;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Options;

/// <summary>Parses the values of options.</summary>
internal static class OptionValues
{
    /// <summary>Parses a value of an option's type.</summary>
    /// <exception cref="GanException">Usage: it is of another type, or an unknown word.</exception>
    public static object Parse(OptionProperty option, string text)
    {
        var type = option.Type;
        if (text.Length == 0)
            throw new GanException(ExitCode.Usage, $"{option.Option.Name} '' is empty. {option.Advice}.");
        return type == typeof(string) ? option.Choices is { } choices ? Canonical(choices, text) ?? text : text
            : type == typeof(int) ? Whole(option, text)
            : type == typeof(ulong) ? Seed(option, text)
            : type == typeof(float) ? Number(option, text)
            : type == typeof(bool) ? Flag(option, text)
            : Canonical(option.Choices!, text) is { } word ? Enum.Parse(type, word, ignoreCase: true)
            : throw Wrong(option.Option.Name, text, "is unknown", option.Advice);
    }

    /// <summary>Says what an option takes: `Give a whole number of at least 1`.</summary>
    public static string Advice(OptionProperty option)
    {
        var (attribute, type) = (option.Option, option.Type);
        if (option.Choices is { } choices)
            return $"Give one of {string.Join(", ", choices.Words)}";
        if (type == typeof(int))
            return $"Give a whole number {Range(attribute)}";
        if (type == typeof(ulong))
            return $"Give one from 0 to {ulong.MaxValue}";
        if (type == typeof(bool))
            return "Give true or false, or leave the value out";
        if (type != typeof(float))
            return $"Give {option.Option.Name} {option.ValueName}";
        return attribute.Above == 0 ? "Give one such as 0.0002 or 2e-4"
            : double.IsNaN(attribute.Below) ? FormattableString.Invariant($"Give a finite one of at least {attribute.Min}")
            : FormattableString.Invariant($"Give one of at least {attribute.Min} and below {attribute.Below}");
    }

    /// <summary>Parses seeds such as 0-31 or 3,7,20-29.</summary>
    /// <param name="option">The option's name, for messages.</param>
    /// <param name="text">The seeds.</param>
    /// <param name="max">The most seeds.</param>
    /// <exception cref="GanException">Usage: not such ranges, or too many seeds.</exception>
    public static ulong[] Seeds(string option, string text, int max)
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

    /// <summary>Makes the exception for a wrong value.</summary>
    public static GanException Wrong(string option, string text, string fault, string advice) =>
        new(ExitCode.Usage, $"{option}: '{text}' {fault}. {advice}.");

    // the word as it is listed, whatever its case
    private static string? Canonical(IChoices choices, string text) =>
        choices.Words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));

    private static object Whole(OptionProperty option, string text)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            return value;
        throw IsWhole(text)
            ? Wrong(option.Option.Name, text, "is out of range", option.Advice)
            : Wrong(
                option.Option.Name, text, "is not a whole number",
                option.Choices is null ? $"Give one {Range(option.Option)}" : option.Advice);
    }

    private static object Seed(OptionProperty option, string text) => TrySeed(text, out ulong value)
        ? value
        : throw Wrong(option.Option.Name, text, IsWhole(text) ? "is out of range" : "is not a whole number", option.Advice);

    private static object Number(OptionProperty option, string text)
    {
        if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            return value;
        string advice = option.Option.Above == 0 ? "Give one above 0, such as 0.0002 or 2e-4" : option.Advice;
        throw Wrong(option.Option.Name, text, "is not a number", advice);
    }

    private static object Flag(OptionProperty option, string text) => bool.TryParse(text, out bool value)
        ? value
        : throw Wrong(option.Option.Name, text, "is neither true nor false", option.Advice);

    private static bool TrySeed(string text, out ulong seed) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);

    private static bool IsWhole(string text)
    {
        var digits = text.AsSpan(text is ['-' or '+', ..] ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static string Range(OptionAttribute option) =>
        double.IsNaN(option.Max) ? $"of at least {option.Min}" : $"from {option.Min} to {option.Max}";
}

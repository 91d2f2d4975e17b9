using System.Text.Json;

namespace GanFromScratch.Gan.Files;

/// <summary>Writes numbers that may be missing to JSON.</summary>
internal static class OptionalJson
{
    /// <summary>Writes a number, or null.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a number, or null.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a number, or null for NaN and infinity, which JSON lacks.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}

using System.Text;
using System.Text.Json;

namespace GanFromScratch.Gan.Files;

/// <summary>Writes JSON on one line, and numbers that may be missing.</summary>
internal static class JsonText
{
    /// <summary>Returns an object on one line.</summary>
    /// <param name="write">Writes what is in it.</param>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

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

    /// <summary>Writes a number of an array, or null for NaN and infinity, which JSON lacks.</summary>
    public static void WriteOptionalValue(this Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
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

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GanFromScratch.Gan.Files;

/// <summary>Writes JSON on one line, and numbers that may be missing; reads what may be damaged.</summary>
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

    /// <summary>How files are read: a name that an object has twice is a mistake.</summary>
    public static JsonDocumentOptions Strict => new() { AllowDuplicateProperties = false };

    /// <summary>Reads an object, all of it: a JsonObject that is parsed as usual finds some mistakes only when it is asked.</summary>
    /// <returns>Null: the text is no JSON object, has a name twice, or text that is not Unicode.</returns>
    public static JsonObject? ObjectOf(string text)
    {
        // a log may be damaged in every line, and an exception takes long
        if (text.AsSpan().Trim() is not ['{', .., '}'])
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            RequireUnicode(document.RootElement);
            return JsonObject.Create(document.RootElement.Clone());
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads every name and text: the parser lets half of a surrogate pair pass, and bytes that are no UTF-8, and whoever asks for them
    /// later meets the exception.
    /// </summary>
    /// <exception cref="InvalidOperationException">One is not.</exception>
    public static void RequireUnicode(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    RequireUnicode(property.Value);
                }
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    RequireUnicode(item);
                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
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

using System.Text.Json;
using System.Text.Json.Serialization;

namespace GanFromScratch.Gan.Options;

/// <summary>Writes an enum to JSON as the word that its option takes, and reads nothing else.</summary>
public sealed class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (WordOf(value) == text)
                return value;
        }
        throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(WordOf(value));

    private static string WordOf(T value) => value.ToString().ToLowerInvariant();
}

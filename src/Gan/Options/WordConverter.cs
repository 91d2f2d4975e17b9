using System.Text.Json;
using System.Text.Json.Serialization;

namespace GanFromScratch.Gan.Options;

/// <summary>Writes an enum to JSON as the word that its option takes.</summary>
public sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

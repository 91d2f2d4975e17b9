using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Options;

/// <summary>A property of a request that is an option: reads, writes, parses, checks and prints its value.</summary>
public sealed class OptionProperty
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionProperty>> Known = new();
    private static readonly Type[] Parsed = [typeof(string), typeof(int), typeof(ulong), typeof(float), typeof(bool)];
    private readonly PropertyInfo[] _path;

    private OptionProperty(PropertyInfo[] path, OptionAttribute option)
    {
        (_path, Option) = (path, option);
        Type = Nullable.GetUnderlyingType(path[^1].PropertyType) ?? path[^1].PropertyType;
        if (!Type.IsEnum && Array.IndexOf(Parsed, Type) < 0)
            throw new NotSupportedException($"{option.Name}: an option can't be {Type}");
        Choices = Type.IsEnum ? new EnumWords(Type) : option.Choices is { } choices ? (IChoices)Activator.CreateInstance(choices)! : null;
    }

    /// <summary>What the attribute says of it.</summary>
    public OptionAttribute Option { get; }

    /// <summary>The type of its values, without the null.</summary>
    public Type Type { get; }

    /// <summary>The words that it takes; null: it takes any text or number.</summary>
    public IChoices? Choices { get; }

    /// <summary>Its name in JSON, after those of the objects that it is in: `optimiser.beta1`.</summary>
    public string Path => string.Join('.', _path.Select(JsonName));

    /// <summary>The name of its value in the help: N, or the words to choose from.</summary>
    public string ValueName => Option.Value.Length > 0 ? Option.Value : Choices is null ? "X"
        : string.Join('|', Choices.Others is { Length: > 0 } others ? [.. Choices.Words, others] : Choices.Words);

    /// <summary>Lists the options of a type of requests in the order of their properties.</summary>
    public static IReadOnlyList<OptionProperty> Of(Type request) => Known.GetOrAdd(request, type => [.. Find(type, [])]);

    /// <summary>Returns the value that a request has; null: none.</summary>
    public object? Get(object request) => _path[^1].GetValue(Owner(request));

    /// <summary>Sets the value of a request that nobody else has yet.</summary>
    public void Set(object request, object? value) => _path[^1].SetValue(Owner(request), value);

    /// <summary>Parses a value, and checks it.</summary>
    /// <exception cref="GanException">Usage: it is of another type, out of range, or an unknown word.</exception>
    public object Parse(string text)
    {
        object value = OptionValues.Parse(this, text);
        if (FaultOf(value) is not { } fault)
            return value;
        string meant = value is string && Choices is { } choices ? Suggestion.For(text.ToLowerInvariant(), choices.Words) : "";
        throw OptionValues.Wrong(Option.Name, text, fault, meant + Advice);
    }

    /// <summary>Says what is wrong with a value of the right type; null: nothing.</summary>
    public string? FaultOf(object value)
    {
        if (value is string text && (text.Length == 0 || text.Contains('\0')))
            return text.Length == 0 ? "is empty" : "has a character that no name has";
        if (value is string word)
            return Choices is { Others: null } closed && !closed.Words.Contains(word) ? "is unknown" : null;
        if (value is not (int or float))
            return null;
        if (Choices is { } numbers)
            return numbers.Words.Contains(Print(value)) ? null : "is none of them";
        double number = Convert.ToDouble(value, null);
        bool within = double.IsFinite(number) && !(number < Option.Min) && !(number > Option.Max)
            && !(number <= Option.Above) && !(number >= Option.Below);
        return within ? null
            : value is float && !double.IsNaN(Option.Above) ? $"is not a finite number above {Option.Above}"
            : "is out of range";
    }

    /// <summary>What to give instead of a wrong value, as a sentence without its full stop.</summary>
    public string Advice => OptionValues.Advice(this);

    /// <summary>Prints a value as it is typed.</summary>
    public string Print(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Enum word => word.ToString().ToLowerInvariant(),
        _ => FormattableString.Invariant($"{value}"),
    };

    private static IEnumerable<OptionProperty> Find(Type type, PropertyInfo[] path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<OptionAttribute>() is { } option)
                yield return new OptionProperty([.. path, property], option);
            if (!property.IsDefined(typeof(OptionsAttribute)))
                continue;
            foreach (var nested in Find(property.PropertyType, [.. path, property]))
                yield return nested;
        }
    }

    private static string JsonName(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    private object Owner(object request) => _path[..^1].Aggregate(request, (owner, property) => property.GetValue(owner)!);

    private sealed class EnumWords(Type type) : IChoices
    {
        public IReadOnlyList<string> Words { get; } = [.. Enum.GetNames(type).Select(name => name.ToLowerInvariant())];

        public string? Others => null;
    }
}

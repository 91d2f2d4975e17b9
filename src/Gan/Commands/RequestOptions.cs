using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Commands;

/// <summary>The options of a command, as the help lists them.</summary>
internal interface IRequestOptions
{
    /// <summary>The options with the properties that they fill, in the order of the properties.</summary>
    IReadOnlyList<BoundOption> All { get; }
}

/// <summary>An option of the parser, and the property that it fills.</summary>
/// <param name="Property">The property.</param>
/// <param name="Option">The parser's option.</param>
/// <param name="Value">Returns the value that was typed.</param>
internal sealed record BoundOption(OptionProperty Property, Option Option, Func<ParseResult, object?> Value)
{
    /// <summary>Tells whether the option was typed.</summary>
    public bool IsIn(ParseResult given) => given.GetResult(Option) is { Implicit: false };
}

/// <summary>Makes typed options of a request's properties, and fills a request with what was typed.</summary>
/// <typeparam name="T">The request.</typeparam>
internal sealed class RequestOptions<T> : IRequestOptions
    where T : class, new()
{
    private readonly List<(PropertyInfo Property, Argument<string> Argument)> _arguments = [];

    /// <summary>Makes the options.</summary>
    /// <param name="has">Tells which properties are options here; null: all.</param>
    public RequestOptions(Func<OptionProperty, bool>? has = null)
    {
        foreach (var property in typeof(T).GetProperties())
        {
            if (property.GetCustomAttribute<ArgumentAttribute>() is { } argument)
                _arguments.Add((property, new(argument.Name) { Description = argument.Description, Arity = ArgumentArity.ZeroOrOne }));
        }
        var typed = typeof(RequestOptions<T>).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!;
        All =
        [
            .. OptionProperty.Of(typeof(T)).Where(property => has?.Invoke(property) ?? true)
                .Select(property => (BoundOption)typed.MakeGenericMethod(property.Type).Invoke(null, [property])!),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<BoundOption> All { get; }

    /// <summary>Adds options and arguments to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option.Option);
        foreach (var (_, argument) in _arguments)
            command.Add(argument);
    }

    /// <summary>Returns the option with a name.</summary>
    public BoundOption this[string name] => All.Single(option => option.Property.Option.Name == name);

    /// <summary>Fills a request with what was typed.</summary>
    /// <param name="given">The command line, without errors.</param>
    /// <param name="defaults">The values of what wasn't typed.</param>
    /// <exception cref="GanException">Usage: an empty argument.</exception>
    public T Read(ParseResult given, T defaults)
    {
        var request = Requests.Copy(defaults);
        foreach (var option in All.Where(option => option.IsIn(given)))
            option.Property.Set(request, option.Value(given));
        foreach (var (property, argument) in _arguments)
        {
            string? value = given.GetValue(argument);
            if (value?.Length == 0)
                throw new GanException(ExitCode.Usage, $"{argument.Name} '' is empty. Name one, or leave it out.");
            property.SetValue(request, value ?? property.GetValue(request));
        }
        return request;
    }

    private static BoundOption Typed<TValue>(OptionProperty property)
    {
        var attribute = property.Option;
        var option = new Option<TValue>(attribute.Name, attribute.Aliases)
        {
            Description = attribute.Description,
            HelpName = property.ValueName,
            Arity = typeof(TValue) == typeof(bool) ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            CustomParser = result => Parse<TValue>(property, result),
        };
        if (property.Choices is { } choices)
            option.CompletionSources.Add([.. choices.Words]);
        return new BoundOption(property, option, given => given.GetValue(option));
    }

    private static TValue? Parse<TValue>(OptionProperty property, ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
            return (TValue)(object)true; // a flag
        try
        {
            return (TValue)property.Parse(result.Tokens[0].Value);
        }
        catch (GanException fault)
        {
            result.AddError(fault.Message);
            return default;
        }
    }
}

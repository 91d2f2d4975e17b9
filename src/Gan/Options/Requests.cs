using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Options;

/// <summary>Copies requests, and compares their options.</summary>
public static class Requests
{
    /// <summary>Copies a request, and the requests within it.</summary>
    public static T Copy<T>(T request)
        where T : class, new() => (T)Copy((object)request);

    /// <summary>Copies a request, and takes from another one all options that it gives a value.</summary>
    /// <param name="request">The request.</param>
    /// <param name="changes">A request whose options are null unless they are to change.</param>
    public static T With<T>(T request, T changes)
        where T : class, new()
    {
        var copy = Copy(request);
        foreach (var option in OptionProperty.Of(typeof(T)))
        {
            if (option.Get(changes) is { } value)
                option.Set(copy, value);
        }
        return copy;
    }

    /// <summary>Writes the options that differ from a request's as they are typed: `--loss hinge --r1 0.1`.</summary>
    public static string Differences<T>(T request, T from)
        where T : class => string.Join(' ', OptionProperty.Of(typeof(T))
            .Select(option => (option, Value: option.Get(request)))
            .Where(pair => pair.Value is not null && !pair.Value.Equals(pair.option.Get(from)))
            .Select(pair => pair.Value is true ? pair.option.Option.Name : $"{pair.option.Option.Name} {pair.option.Print(pair.Value!)}"));

    /// <summary>Checks the values of a request that didn't come from the command line.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wrong">Makes the exception from the path of a value, and what it is not.</param>
    /// <exception cref="GanException">A value is out of range, or an unknown word.</exception>
    public static void Check<T>(T request, Func<string, string, GanException> wrong)
        where T : class
    {
        foreach (var option in OptionProperty.Of(typeof(T)))
        {
            if (option.Get(request) is { } value && option.FaultOf(value) is { } fault)
                throw wrong(option.Path, $"{option.Print(value)}, which {fault}");
        }
    }

    private static object Copy(object request)
    {
        object copy = Activator.CreateInstance(request.GetType())!;
        foreach (var property in request.GetType().GetProperties().Where(property => property.CanWrite))
        {
            object? value = property.GetValue(request);
            property.SetValue(copy, value is not null && property.IsDefined(typeof(OptionsAttribute), false) ? Copy(value) : value);
        }
        return copy;
    }
}

namespace GanFromScratch.Gan.Options;

/// <summary>
/// Makes a property of a request an option of the command line: the name is parsed, shown by `--help`, completed, kept in
/// `settings.json` and offered by advice. The property's type decides what is parsed; its initial value is the default.
/// </summary>
/// <param name="name">The option's name, such as `--batch`.</param>
/// <param name="description">What it does, for the help, without a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string name, string description) : Attribute
{
    /// <summary>The option's name.</summary>
    public string Name => name;

    /// <summary>What it does.</summary>
    public string Description => description;

    /// <summary>Other names that people type.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>The name of its value in the help, such as N; without one, the <see cref="Choices"/>.</summary>
    public string Value { get; init; } = "";

    /// <summary>The heading that it stands under in the help.</summary>
    public string Group { get; init; } = "";

    /// <summary>The default in words, where the property's initial value doesn't tell it.</summary>
    public string Default { get; init; } = "";

    /// <summary>The least number; NaN: there is none.</summary>
    public double Min { get; init; } = double.NaN;

    /// <summary>The greatest number; NaN: there is none.</summary>
    public double Max { get; init; } = double.NaN;

    /// <summary>A bound that the number is greater than; NaN: there is none.</summary>
    public double Above { get; init; } = double.NaN;

    /// <summary>A bound that the number is less than; NaN: there is none.</summary>
    public double Below { get; init; } = double.NaN;

    /// <summary>A type with a constructor that is an <see cref="IChoices"/>; null: any text.</summary>
    public Type? Choices { get; init; }

    /// <summary>Whether a resumed run may have another value; otherwise it decides the run's bytes.</summary>
    public bool MayChange { get; init; }
}

/// <summary>Makes the options of a property's type options of the type that has the property.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionsAttribute : Attribute;

/// <summary>Makes a property of a request an argument without a name, of a command that has one.</summary>
/// <param name="name">Its name in the help, such as RUN.</param>
/// <param name="description">What it is.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ArgumentAttribute(string name, string description) : Attribute
{
    /// <summary>Its name in the help.</summary>
    public string Name => name;

    /// <summary>What it is.</summary>
    public string Description => description;
}

/// <summary>The words that an option takes.</summary>
public interface IChoices
{
    /// <summary>The words, in the order of the help.</summary>
    IReadOnlyList<string> Words { get; }

    /// <summary>
    /// What is taken besides the words, and checked elsewhere, such as DIR; empty: the help is silent about it; null: nothing.
    /// </summary>
    string? Others { get; }
}

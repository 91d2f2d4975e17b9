using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>One of the program's commands: its options, examples for its help, and what it does.</summary>
internal abstract class GanCommand : Command
{
    protected GanCommand(string name, string description)
        : base(name, description) => SetAction(_ => { }); // never invoked, but without one the parser misses a subcommand

    /// <summary>Lines that a user may type, each with what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>Does it.</summary>
    /// <exception cref="GanException">It can't be done; the code says why.</exception>
    public abstract ExitCode Run(ParseResult given, Screen screen);

    /// <summary>An option that takes one value. Values stay text here: their errors are worded by <see cref="OptionValues"/>.</summary>
    protected Option<string> Value(string name, string value, string description)
    {
        var option = new Option<string>(name) { HelpName = value, Description = description, Arity = ArgumentArity.ExactlyOne };
        Add(option);
        return option;
    }

    /// <summary>An option that takes no value.</summary>
    protected Option<bool> Flag(string name, string description)
    {
        var option = CommandLine.NewFlag(name, description);
        Add(option);
        return option;
    }

    /// <summary>A name that may be left out.</summary>
    protected Argument<string> OptionalName(string description)
    {
        var argument = new Argument<string>("NAME") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Add(argument);
        return argument;
    }
}

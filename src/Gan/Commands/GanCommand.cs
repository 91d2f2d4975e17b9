using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>A command of the program: its options, examples for its help, and its action.</summary>
internal abstract class GanCommand : Command
{
    protected GanCommand(string name, string description)
        : base(name, description) => SetAction(_ => { }); // never invoked, but without one the parser misses a subcommand

    /// <summary>Examples of command lines, each with what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>Runs the command.</summary>
    /// <exception cref="GanException">The command failed, with its exit code.</exception>
    public abstract ExitCode Run(ParseResult given, Screen screen);

    /// <summary>Adds an option with a value, as text: <see cref="OptionValues"/> parses it.</summary>
    protected Option<string> Value(string name, string value, string description)
    {
        var option = new Option<string>(name) { HelpName = value, Description = description, Arity = ArgumentArity.ExactlyOne };
        Add(option);
        return option;
    }

    /// <summary>Adds an option without a value.</summary>
    protected Option<bool> Flag(string name, string description)
    {
        var option = CommandLine.NewFlag(name, description);
        Add(option);
        return option;
    }

    /// <summary>Adds an optional argument NAME.</summary>
    protected Argument<string> OptionalName(string description) => OptionalArgument("NAME", description);

    /// <summary>Adds an optional argument RUN.</summary>
    protected Argument<string> OptionalRun(string description = "A run's folder, its generator.safetensors, or a checkpoint") =>
        OptionalArgument("RUN", description);

    private Argument<string> OptionalArgument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Add(argument);
        return argument;
    }
}

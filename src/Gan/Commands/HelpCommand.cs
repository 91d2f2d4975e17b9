using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan help`: what `--help` shows.</summary>
internal sealed class HelpCommand() : GanCommand<HelpCommand.Request>("help", "Shows the help of a command")
{
    public override IReadOnlyList<(string Line, string Does)> Examples => [("gan help resume", "what `--help` shows after the command")];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var root = (RootCommand)given.RootCommandResult.Command;
        string? name = Read(given).Name;
        var command = name is null
            ? root.Subcommands.OfType<TrainCommand>().Single()
            : root.Subcommands.OfType<GanCommand>().FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new GanException(
                    ExitCode.Usage,
                    $"There is no command '{name}'. {Suggestion.For(name, root.Subcommands.Select(known => known.Name))}"
                    + "`gan help` lists them.");
        Console.Write(HelpText.Of(command, root, root.Parse(name is null ? [] : [command.Name])));
        return ExitCode.Done;
    }

    /// <summary>The arguments.</summary>
    internal sealed record Request
    {
        [Argument("COMMAND", "The command; without one, the program")]
        public string? Name { get; init; }
    }
}

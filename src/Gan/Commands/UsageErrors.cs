using System.CommandLine;
using System.CommandLine.Parsing;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Checks the command line for errors of usage.</summary>
internal static class UsageErrors
{
    /// <summary>Throws at the first error.</summary>
    /// <exception cref="GanException">Usage: an unknown command, option or argument; a missing or surplus value.</exception>
    public static void Check(ParseResult given, GanCommand command, GanCommand root)
    {
        // the parser takes any text after an option as its value: `--output --batch 5`
        foreach (var option in command.Options)
        {
            if (given.GetResult(option) is { Tokens: [{ Value: var value }, ..] }
                && KnownOptions(command, root).Any(known => IsCalled(known, value)))
            {
                throw Usage(NeedsValue(option));
            }
        }
        if (given.UnmatchedTokens.Count > 0)
            throw Unmatched(given.UnmatchedTokens[0], command, root);
        if (given.Errors.Count > 0)
            throw Usage(Describe(given.Errors[0]));
        if (command != root && command is not TrainCommand)
        {
            // `gan --steps 5 bench`: an option before the command is one of `gan train`
            foreach (var option in root.Options.Where(option => !option.Recursive && given.GetResult(option) is { Implicit: false }))
                throw Usage($"{option.Name} is before '{command.Name}'. Options follow their command: `gan {command.Name} ...`.");
        }
    }

    private static GanException Unmatched(string token, GanCommand command, GanCommand root)
    {
        string name = command == root ? "gan" : $"gan {command.Name}";
        if (token is ['-', _, ..])
        {
            string option = token.Split('=', ':')[0];
            if (command is ResumeCommand && root.Options.Any(known => IsCalled(known, option)))
                return Usage($"{option} is no option of `gan resume`: a run resumes with its own settings. Train a new run for others.");
            string suggestion = Suggestion.For(option, KnownOptions(command, root).Select(known => known.Name));
            return Usage($"`{name}` has no option {option}. {suggestion}`{name} --help` lists them.");
        }
        if (command == root)
        {
            var commands = root.Subcommands.Select(sub => sub.Name).ToList();
            return Usage($"There is no command '{token}'. {Suggestion.For(token, commands)}Known are {string.Join(", ", commands)}.");
        }
        return Usage($"`{name}` takes no '{token}'. `{name} --help` lists its arguments.");
    }

    private static string Describe(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option } result)
            return $"{error.Message} `gan --help` lists what can be given.";
        if (option.Arity.MaximumNumberOfValues == 0)
            return $"{option.Name} takes no value.";
        return result.Tokens.Count == 0
            ? NeedsValue(option)
            : $"{option.Name} has {result.Tokens.Count} values. Give one.";
    }

    private static string NeedsValue(Option option) => $"{option.Name} needs a value: {option.Name} {option.HelpName}.";

    private static IEnumerable<Option> KnownOptions(GanCommand command, GanCommand root) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive));

    private static bool IsCalled(Option option, string text) => option.Name == text || option.Aliases.Contains(text);

    private static GanException Usage(string message) => new(ExitCode.Usage, message);
}

using System.CommandLine;
using System.CommandLine.Parsing;

namespace GanFromScratch.Gan;

/// <summary>Words for a command line that makes no sense.</summary>
internal static class UsageErrors
{
    private const int CloseEnough = 2;

    /// <summary>Throws at the first fault.</summary>
    /// <exception cref="GanException">Usage: an unknown command, option or argument; a value too few or too many.</exception>
    public static void Check(ParseResult given, GanCommand command, GanCommand root)
    {
        // The parser takes whatever follows an option for its value: `--output --batch 5`
        foreach (var option in command.Options)
        {
            if (given.GetResult(option) is { Tokens: [{ Value: var value }, ..] } && KnownOptions(command, root).Any(known => IsCalled(known, value)))
                throw Usage(NeedsValue(option));
        }
        if (given.UnmatchedTokens.Count > 0)
            throw Unmatched(given.UnmatchedTokens[0], command, root);
        if (given.Errors.Count > 0)
            throw Usage(Words(given.Errors[0]));
        if (command != root && command is not TrainCommand)
        {
            // `gan --steps 5 bench`: an option before the command belongs to the training that isn't asked for
            foreach (var option in root.Options.Where(option => !option.Recursive && given.GetResult(option) is { Implicit: false }))
                throw Usage($"{option.Name} stands before '{command.Name}'. Options follow their command: `gan {command.Name} ...`.");
        }
    }

    private static GanException Unmatched(string token, GanCommand command, GanCommand root)
    {
        string name = command == root ? "gan" : $"gan {command.Name}";
        if (token is ['-', _, ..])
        {
            string option = token.Split('=', ':')[0];
            if (command is ResumeCommand && root.Options.Any(known => IsCalled(known, option)))
                return Usage($"{option} can't be given to `gan resume`: a run goes on with its own settings. Train a new run for other ones.");
            string suggestion = Suggest(option, KnownOptions(command, root).Select(known => known.Name));
            return Usage($"`{name}` has no option {option}. {suggestion}`{name} --help` lists them.");
        }
        if (command == root)
        {
            var commands = root.Subcommands.Select(sub => sub.Name).ToList();
            return Usage($"There is no command '{token}'. {Suggest(token, commands)}Known are {string.Join(", ", commands)}.");
        }
        return Usage($"`{name}` can make nothing of '{token}'. `{name} --help` says what it takes.");
    }

    private static string Words(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option } result)
            return $"{error.Message} `gan --help` says what can be given.";
        if (option.Arity.MaximumNumberOfValues == 0)
            return $"{option.Name} takes no value.";
        return result.Tokens.Count == 0
            ? NeedsValue(option)
            : $"{option.Name} is given {result.Tokens.Count} values. Give one.";
    }

    private static string NeedsValue(Option option) => $"{option.Name} needs a value: {option.Name} {option.HelpName}.";

    private static IEnumerable<Option> KnownOptions(GanCommand command, GanCommand root) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive));

    private static bool IsCalled(Option option, string text) => option.Name == text || option.Aliases.Contains(text);

    /// <summary>"Did you mean ...? ", or nothing where no known name is close.</summary>
    internal static string Suggest(string typed, IEnumerable<string> known)
    {
        var (name, distance) = known.Select(name => (name, Distance(typed, name))).MinBy(pair => pair.Item2);
        return distance <= CloseEnough ? $"Did you mean {name}? " : "";
    }

    // Levenshtein (1966): the fewest letters to insert, delete or change
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }

    private static GanException Usage(string message) => new(ExitCode.Usage, message);
}

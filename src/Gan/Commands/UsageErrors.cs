using System.CommandLine;
using System.CommandLine.Parsing;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>Checks the command line for errors of usage.</summary>
internal static class UsageErrors
{
    /// <summary>Throws at the first error.</summary>
    /// <exception cref="GanException">Usage: an unknown command, option or argument; a missing or wrong value.</exception>
    public static void Check(ParseResult given, string[] args, RootCommand root, RecipeBook book)
    {
        var command = given.CommandResult.Command;
        // the parser takes any text after an option as its value: `--output --batch 5`
        foreach (var option in command.Options)
        {
            if (given.GetResult(option) is { Tokens: [{ Value: var value }, ..] }
                && KnownOptions(command, root).Any(known => IsCalled(known, value)))
            {
                throw Usage(NeedsValue(option));
            }
        }
        var flags = KnownOptions(command, root).Where(option => option.ValueType == typeof(bool)).ToList();
        foreach (string[] parts in args.Select(arg => arg.Split('=', 2)).Where(parts => parts.Length == 2))
        {
            if (!bool.TryParse(parts[1], out _) && flags.Find(flag => IsCalled(flag, parts[0].ToLowerInvariant())) is { } flag)
                throw Usage($"{flag.Name}: '{parts[1]}' is neither true nor false. Leave the value out.");
        }
        if (given.UnmatchedTokens.Count > 0)
            throw Unmatched(given.UnmatchedTokens[0], command, root, book);
        if (given.Errors.Count > 0)
            throw Usage(Describe(given.Errors[0]));
        if (command != root && command is not TrainCommand)
        {
            // `gan --steps 5 bench`: an option before the command is one of `gan train`
            foreach (var option in root.Options.Where(option => !option.Recursive && given.GetResult(option) is { Implicit: false }))
            {
                throw Usage(
                    $"{option.Name} is before '{command.Name}'. Options follow their command: `gan {command.Name} --help` lists them.");
            }
        }
    }

    private static GanException Unmatched(string token, Command command, RootCommand root, RecipeBook book)
    {
        string name = command == root ? "gan" : $"gan {command.Name}";
        if (token is ['-', _, ..])
        {
            string option = token.Split('=', ':')[0];
            var ofTraining = OptionProperty.Of(typeof(TrainArguments)).Select(known => known.Option);
            if (command is ResumeCommand && ofTraining.Any(known => known.Name == option || known.Aliases.Contains(option)))
                return Usage($"{option} is no option of `gan resume`: a run resumes with its own settings. Train a new run for others.");
            string suggestion = Suggestion.For(option, KnownOptions(command, root).SelectMany(known => known.Aliases.Prepend(known.Name)));
            return Usage($"`{name}` has no option {option}. {suggestion}`{name} --help` lists them.");
        }
        if (command != root && (command is not TrainCommand || Meant(token, book) is null))
            return Usage($"`{name}` takes no '{token}'. `{name} --help` says what it takes.");
        var commands = root.Subcommands.Select(sub => sub.Name).ToList();
        string meant = Meant(token, book) ?? Suggestion.For(token, commands);
        return Usage($"There is no command '{token}'. {meant}Known are {string.Join(", ", commands)}.");
    }

    // what a word is that is no command: a recipe, a data set, a device, a run
    private static string? Meant(string word, RecipeBook book)
    {
        string name = word.ToLowerInvariant();
        return book.All.Any(recipe => recipe.Name == name) ? $"It is a recipe: `gan --recipe {name}` trains it. "
            : name != "auto" && Datasets.Names.Contains(name) ? $"It is a data set: `gan --dataset {name}` trains on it. "
            : name != "auto" && new DeviceKinds().Words.Contains(name) ? $"It is a device: `gan --device {name}` trains on it. "
            : File.Exists(Path.Combine(word, SettingsFile.Name)) ? $"It is a run: `gan resume {Invocation.Quoted(word)}` goes on with it. "
            : Directory.Exists(word) ? $"It is a folder: `gan --dataset {Invocation.Quoted(word)}` trains on its pictures. "
            : null;
    }

    private static string Describe(ParseError error)
    {
        var result = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (result is null)
            return $"{error.Message} `gan --help` lists what can be given.";
        return result.Tokens.Count switch
        {
            0 => NeedsValue(result.Option),
            1 => error.Message,
            var count => $"{result.Option.Name} has {count} values. Give one.",
        };
    }

    private static string NeedsValue(Option option) => $"{option.Name} needs a value: {option.Name} {option.HelpName}.";

    private static IEnumerable<Option> KnownOptions(Command command, RootCommand root) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive));

    private static bool IsCalled(Option option, string text) => option.Name == text || option.Aliases.Contains(text);

    private static GanException Usage(string message) => new(ExitCode.Usage, message);
}

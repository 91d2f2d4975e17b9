using System.CommandLine;
using System.Globalization;
using System.Text;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

// System.CommandLine's own help has neither groups nor examples, and its builder is not public.

/// <summary>Writes the text of `--help`.</summary>
internal static class HelpText
{
    private const string General = "General";

    /// <summary>Writes the help of a command: description, usage, commands, arguments, options in groups, examples.</summary>
    /// <param name="command">The command.</param>
    /// <param name="root">The program.</param>
    /// <param name="given">The command line, whose recipe decides defaults.</param>
    public static string Of(GanCommand command, RootCommand root, ParseResult given) => Of(
        command, root, given, Console.IsOutputRedirected ? Screen.PageWidth : Screen.Width);

    /// <summary>Writes the help for a window of so many columns.</summary>
    internal static string Of(GanCommand command, RootCommand root, ParseResult given, int width)
    {
        var text = new StringBuilder();
        bool isRoot = given.CommandResult.Command == root;
        string program = Invocation.Prefix;
        string arguments = string.Concat(command.Arguments.Select(argument => $" [{argument.Name}]"));
        Lines(text, TextLayout.Wrap($"{(isRoot ? root.Description : command.Description)}.", width));
        text.Append("\nUsage:\n");
        text.Append(CultureInfo.InvariantCulture, $"  {program}{(isRoot ? "" : $" {command.Name}")}{arguments} [options]\n");
        if (isRoot)
            text.Append(CultureInfo.InvariantCulture, $"  {program} COMMAND [options]\n");
        Section("Commands", isRoot ? root.Subcommands.Select(sub => (sub.Name, sub.Description!)) : []);
        Section("Arguments", command.Arguments.Select(argument => (argument.Name, argument.Description!)));
        object? defaults = command.Defaults(given);
        var groups = command.Bound.All.ToLookup(option => option.Property.Option.Group, Row);
        foreach (var group in groups.Where(group => group.Key != General))
            Section(group.Key.Length > 0 ? group.Key : "Options", group);
        var general = root.Options.Where(option => option.Recursive).Select(option => (Heading(option), option.Description!));
        Section(General, groups[General].Concat(general));
        if (isRoot)
        {
            text.Append('\n');
            Lines(text, TextLayout.Wrap($"The options are those of `gan train`, with {RecipeOf(defaults)}'s defaults.", width));
        }
        text.Append("\nExamples:\n");
        foreach (var (line, does) in command.Examples)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {program}{line["gan".Length..]}\n"); // in one piece, to be copied
            Lines(text, TextLayout.Wrap($"      {does}", width));
        }
        return text.ToString();

        (string, string) Row(BoundOption option)
        {
            string does = command.DescriptionOf(option.Option.Name) ?? option.Property.Option.Description;
            return (Heading(option.Option), does + DefaultOf(option, defaults));
        }

        void Section(string title, IEnumerable<(string Left, string Right)> rows)
        {
            var list = rows.ToList();
            if (list.Count == 0)
                return;
            text.Append(CultureInfo.InvariantCulture, $"\n{title}:\n");
            Lines(text, TextLayout.TwoColumns(list, width));
        }
    }

    private static string RecipeOf(object? defaults) => defaults is TrainArguments train ? train.Request.Recipe : "";

    private static string Heading(Option option)
    {
        string aliases = string.Concat(option.Aliases.Where(alias => alias != option.Name).Select(alias => $", {alias}"));
        return option.Arity.MinimumNumberOfValues == 0 ? option.Name + aliases : $"{option.Name}{aliases} {option.HelpName}";
    }

    // without defaults, what a resumed run may change is as the run has it
    private static string DefaultOf(BoundOption option, object? defaults)
    {
        var attribute = option.Property.Option;
        string value = defaults is null && attribute.MayChange ? "" : attribute.Default;
        if (value.Length == 0 && defaults is not null && option.Property.Get(defaults) is { } set and not false)
            value = option.Property.Print(set);
        return value.Length > 0 ? $" [default: {value}]" : "";
    }

    private static void Lines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            text.Append(line).Append('\n');
    }
}

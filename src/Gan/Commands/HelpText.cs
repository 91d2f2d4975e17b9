using System.CommandLine;
using System.Text;

namespace GanFromScratch.Gan.Commands;

/// <summary>Writes the text of `--help`.</summary>
internal static class HelpText
{
    /// <summary>Writes the help of a command: description, usage, arguments, options, examples.</summary>
    public static string Of(GanCommand command, GanCommand root)
    {
        bool isRoot = command == root;
        var text = new StringBuilder();
        text.Append(command.Description).Append(".\n\nUsage:\n  gan");
        if (!isRoot)
            text.Append(' ').Append(command.Name);
        foreach (var argument in command.Arguments)
            text.Append(" [").Append(argument.Name).Append(']');
        text.Append(" [options]\n");
        if (isRoot)
            text.Append("  gan COMMAND [options]\n");

        Section(text, "Commands", isRoot ? root.Subcommands.Select(sub => (sub.Name, sub.Description!)) : []);
        Section(text, "Arguments", command.Arguments.Select(argument => (argument.Name, argument.Description!)));
        var options = command.Options.Where(option => !option.Recursive).Concat(root.Options.Where(option => option.Recursive));
        string title = isRoot ? "Options of `gan` and `gan train`" : "Options";
        Section(text, title, options.Select(option => (Heading(option), option.Description!)));
        Section(text, "Examples", command.Examples);
        return text.ToString();
    }

    private static string Heading(Option option)
    {
        string aliases = string.Concat(option.Aliases.Where(alias => alias != option.Name).Select(alias => $", {alias}"));
        return option.Arity.MaximumNumberOfValues == 0 ? option.Name + aliases : $"{option.Name} {option.HelpName}";
    }

    private static void Section(StringBuilder text, string title, IEnumerable<(string Left, string Right)> rows)
    {
        var list = rows.ToList();
        if (list.Count == 0)
            return;
        text.Append('\n').Append(title).Append(":\n");
        int width = list.Max(row => row.Left.Length);
        foreach (var (left, right) in list)
            text.Append("  ").Append(left.PadRight(width)).Append("  ").Append(right).Append('\n');
    }
}

using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan version`: what `--version` prints.</summary>
internal sealed class VersionCommand() : GanCommand<VersionCommand.Request>("version", "Prints the version")
{
    /// <summary>The program's name and version.</summary>
    public static string Text => $"gan {ProgramVersion.Text}";

    public override IReadOnlyList<(string Line, string Does)> Examples => [("gan version", Text)];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        Console.WriteLine(Text); // with --quiet, too
        return ExitCode.Done;
    }

    /// <summary>No arguments.</summary>
    internal sealed record Request;
}

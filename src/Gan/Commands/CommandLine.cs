using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Parses the command line, and runs the command.</summary>
internal static class CommandLine
{
    private static readonly Option<bool> Help = NewFlag("--help", "Shows the help of a command", "-h", "-?");
    private static readonly Option<bool> Version = NewFlag("--version", "Prints the version");
    private static readonly Option<bool> Quiet = NewFlag("--quiet", "Prints errors only", "-q");
    private static readonly Option<bool> Verbose = NewFlag("--verbose", "Adds the stack trace to errors", "-v");

    /// <summary>Runs a command line and returns its exit code. Errors go to standard error, in a sentence.</summary>
    public static int Run(string[] args, RecipeBook book)
    {
        var root = new TrainCommand(book, "gan", "Trains generative adversarial networks, with nothing underneath");
        GanCommand[] commands =
        [
            new TrainCommand(root),
            new ResumeCommand(book),
            new SampleCommand(book),
            new InterpolateCommand(book),
            new EvaluateCommand(book),
            new RecipesCommand(book),
            new DevicesCommand(),
            new DataCommand(),
            new BenchCommand(book),
            new ModesCommand(),
        ];
        foreach (var command in commands)
            root.Add(command);
        foreach (var option in new[] { Help, Version, Quiet, Verbose })
        {
            option.Recursive = true;
            root.Add(option);
        }
        // a value may begin with @, which would name a response file
        var given = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = true });
        bool verbose = given.GetValue(Verbose);
        try
        {
            return (int)Run(given, root);
        }
        catch (Exception fault)
        {
            var (code, sentence) = Describe(fault);
            Console.Error.WriteLine(sentence);
            if (verbose)
                Console.Error.WriteLine(fault);
            return (int)code;
        }
    }

    /// <summary>Makes an option without a value.</summary>
    public static Option<bool> NewFlag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    private static ExitCode Run(ParseResult given, TrainCommand root)
    {
        var command = (GanCommand)given.CommandResult.Command;
        if (given.GetValue(Help))
        {
            Console.Write(HelpText.Of(command, root));
            return ExitCode.Done;
        }
        UsageErrors.Check(given, command, root);
        if (given.GetValue(Version))
        {
            Console.WriteLine($"gan {ProgramVersion.Text}");
            return ExitCode.Done;
        }
        return command.Run(given, Screen.Open(given.GetValue(Quiet)));
    }

    /// <summary>The exit code and the sentence for an exception.</summary>
    internal static (ExitCode Code, string Sentence) Describe(Exception fault) => fault switch
    {
        GanException known => (known.Code, known.Message),
        DeviceException device => (ExitCode.Device, device.Message),
        OperationCanceledException => (ExitCode.Interrupted, "Interrupted before the start; nothing was written."),
        OutOfMemoryException => (ExitCode.Device, "There is not enough memory. Choose a smaller --batch, --samples or --limit."),
        // files report their own errors, so these are standard output's: closed (EBADF), or a full disk
        UnauthorizedAccessException => (
            ExitCode.Writing, "Writing the output failed: standard output is closed or read-only. Redirect it, or use --quiet."),
        IOException => (ExitCode.Writing, $"Writing the output failed: {fault.Message.TrimEnd('.')}. Redirect it to another place."),
        _ => (
            ExitCode.Bug,
            $"A bug in the program: {fault.GetType().Name}: {fault.Message.TrimEnd('.')}. "
            + "Run the command with --verbose to get a stack trace to report."),
    };
}

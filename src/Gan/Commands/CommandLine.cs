using System.CommandLine;
using System.CommandLine.Completions;
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
    private static readonly Option<bool> Verbose = NewFlag("--verbose", "Lists all unusable pictures; adds stack traces to errors", "-v");

    /// <summary>Runs a command line and returns its exit code. Errors go to standard error, in a sentence.</summary>
    public static int Run(string[] args, RecipeBook book)
    {
        StandardStreams.Guard();
        var given = Parse(args, book);
        try
        {
            return (int)Run(given, args, book);
        }
        catch (Exception fault)
        {
            var (code, sentence) = Describe(fault);
            Screen.Error(sentence);
            foreach (string line in (fault as GanException)?.Lines ?? [])
                Screen.Error($"  {line}");
            if (given.GetValue(Verbose))
                Console.Error.WriteLine(Secrets.Remove(fault.ToString()));
            return (int)code;
        }
    }

    /// <summary>Parses a command line.</summary>
    internal static ParseResult Parse(string[] args, RecipeBook book)
    {
        var root = new RootCommand("Trains generative adversarial networks, and shows what they do");
        root.Options.Clear(); // help and version in our words
        root.SetAction(_ => { });
        var train = new TrainCommand(book);
        GanCommand[] commands =
        [
            train,
            new ResumeCommand(book),
            new SampleCommand(book),
            new InterpolateCommand(book),
            new EvaluateCommand(book),
            new ExportCommand(book),
            new RunsCommand(),
            new ServeCommand(book),
            new CompareCommand(),
            new RecipesCommand(book),
            new DevicesCommand(),
            new DataCommand(),
            new BenchCommand(book),
            new VerifyCommand(book),
            new ModesCommand(),
            new HelpCommand(),
            new VersionCommand(),
        ];
        var typed = Array.Find(commands, command => command.Name.Equals(FirstWord(args), StringComparison.OrdinalIgnoreCase));
        foreach (var command in commands)
        {
            root.Add(command);
            if (typed is null or HelpCommand || command == typed)
                command.Bind();
        }
        if (typed is null or TrainCommand or HelpCommand)
            train.AddOptionsTo(root);
        foreach (var option in new[] { Help, Version, Quiet, Verbose })
        {
            option.Recursive = true;
            root.Add(option);
        }
        // a value may begin with @, which would name a response file
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = true };
        return root.Parse(InLowerCase(args, root), configuration);
    }

    /// <summary>Makes an option without a value.</summary>
    private static Option<bool> NewFlag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    private static ExitCode Run(ParseResult given, string[] args, RecipeBook book)
    {
        var root = (RootCommand)given.RootCommandResult.Command;
        if (root.Directives.OfType<SuggestDirective>().Any(directive => given.GetResult(directive) is not null))
            return (ExitCode)given.Invoke();
        var command = given.CommandResult.Command as GanCommand ?? root.Subcommands.OfType<TrainCommand>().Single();
        if (given.GetValue(Help))
        {
            Console.Write(HelpText.Of(command, root, given));
            return Written();
        }
        UsageErrors.Check(given, args, root, book);
        OddNames.Refuse(args);
        if (given.GetValue(Version))
        {
            Console.WriteLine(VersionCommand.Text);
            return Written();
        }
        var screen = Screen.Open(given.GetValue(Quiet), given.GetValue(Verbose));
        using var interruption = new Interruption(screen);
        var code = command.Run(given, screen, interruption);
        return code == ExitCode.Done && command.IsReadFor(given) ? Written() : code;
    }

    private static ExitCode Written() => StandardStreams.OutputFault is { } fault ? throw fault : ExitCode.Done;

    private static string? FirstWord(string[] args) => args.ElementAtOrDefault(PlaceOfFirstWord(args));

    // before it may stand flags that every command has
    private static int PlaceOfFirstWord(string[] args)
    {
        string[] before = [.. new[] { Help, Version, Quiet, Verbose }.SelectMany(flag => flag.Aliases.Prepend(flag.Name))];
        return args.TakeWhile(arg => before.Contains(arg.ToLowerInvariant())).Count();
    }

    // The case of names doesn't matter: of the command, which is the first word, and of options. What follows -- are values.
    private static string[] InLowerCase(string[] args, RootCommand root)
    {
        var options = root.Subcommands.Append<Command>(root)
            .SelectMany(command => command.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet();
        var commands = root.Subcommands.Select(command => command.Name).ToHashSet();
        string[] typed = [.. args];
        int end = Array.IndexOf(typed, "--") is >= 0 and var at ? at : typed.Length;
        int first = PlaceOfFirstWord(typed);
        for (int i = 0; i < end; i++)
        {
            bool isOption = typed[i].StartsWith("--", StringComparison.Ordinal);
            string name = isOption ? typed[i].Split('=', ':')[0] : typed[i], lower = name.ToLowerInvariant();
            if (isOption ? options.Contains(lower) : i == first && commands.Contains(lower))
                typed[i] = lower + typed[i][name.Length..];
        }
        return typed;
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
        IOException => (ExitCode.Writing, $"Writing the output failed: {FileFault.Cause(fault, "-")}. Redirect it to another place."),
        _ => (
            ExitCode.Bug,
            $"A bug in the program: {fault.GetType().Name}: {fault.Message.TrimEnd('.')}. "
            + "Run the command with --verbose to get a stack trace to report."),
    };
}

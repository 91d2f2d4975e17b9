using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan serve`: a page that shows runs, live.</summary>
internal sealed class ServeCommand(RecipeBook book)
    : GanCommand<ServeCommand.Request>("serve", "Shows a run, or a folder of runs, as a page in the browser, live")
{
    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan serve", "the runs in runs/"),
        ("gan serve runs/0001-odog-mnist --open", "one run, in the browser at once; another process may train it meanwhile"),
        ("gan serve --port 8080", "on a port of your own, for a tunnel: ssh -L 8080:127.0.0.1:8080 HOST"),
    ];

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => false;

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string folder = asked.Folder ?? RunFolder.Parent;
        if (asked.Folder is null && !Directory.Exists(folder))
            throw new GanException(ExitCode.Data, $"There is no run yet: {folder}/ isn't there. `gan --serve` trains one, with its page.");
        if (RunReport.Find(folder).Count == 0)
        {
            throw new GanException(
                ExitCode.Data, $"There is no run in {folder}. Name a run's folder, or one that holds some; `gan runs` lists them.");
        }
        using var page = new RunPage(asked.Where, book, screen);
        page.Show(folder);
        screen.Say("Ctrl-C ends it.");
        interruption.Finish().WaitHandle.WaitOne();
        return ExitCode.Done;
    }

    /// <summary>The options and the argument.</summary>
    internal sealed record Request
    {
        [Argument("RUN|DIR", "A run's folder, or a folder of runs [default: runs]")]
        public string? Folder { get; init; }

        [Options]
        public ServeRequest Where { get; init; } = new();
    }
}

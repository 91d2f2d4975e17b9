using System.CommandLine;
using System.Diagnostics;
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

    /// <summary>Starts to serve a folder's page, and says where.</summary>
    public static async Task<PageServer> Start(string folder, ServeRequest asked, RecipeBook book, Screen screen)
    {
        var endpoints = new RunEndpoints(folder, book);
        var server = await PageServer.Start(asked, endpoints.Map);
        screen.Say($"{"page",-8}{server.Address}");
        if (asked.Open)
            Open(server.Address, screen);
        return server;
    }

    public override ExitCode Run(ParseResult given, Screen screen)
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
        using var interruption = new Interruption();
        Serve(folder, asked.Where, screen, interruption.Token).GetAwaiter().GetResult();
        return ExitCode.Done;
    }

    private async Task Serve(string folder, ServeRequest where, Screen screen, CancellationToken stop)
    {
        await using var server = await Start(folder, where, book, screen);
        screen.Say("Ctrl-C ends it.");
        await PageServer.Wait(stop);
    }

    private static void Open(Uri address, Screen screen)
    {
        try
        {
            Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            screen.Warn($"No browser could be started ({fault.Message.TrimEnd('.')}). Open {address} in one.");
        }
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

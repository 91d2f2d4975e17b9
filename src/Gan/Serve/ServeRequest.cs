using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Serve;

/// <summary>Whether a training serves its page.</summary>
internal sealed record OwnPageRequest
{
    private const string Group = "Page";

    /// <summary>Whether it does.</summary>
    [Option("--serve", "Serves a page that shows the run while it trains, as `gan serve` does", Group = Group)]
    public bool Serve { get; init; }

    /// <summary>Where.</summary>
    [Options]
    public ServeRequest Where { get; init; } = new();

    /// <summary>Refuses options of a page that isn't asked for.</summary>
    /// <exception cref="GanException">Usage: there are some.</exception>
    public void Check()
    {
        if (!Serve && Where != new ServeRequest())
            throw new GanException(ExitCode.Usage, "--port, --host and --open are the page's. Give --serve, too, or leave them out.");
    }
}

/// <summary>Where pages are served.</summary>
internal sealed record ServeRequest
{
    private const string Group = "Page";

    /// <summary>The port.</summary>
    [Option("--port", "The page's port", Group = Group, Value = "N", Min = 1, Max = 65535, Default = "a free one")]
    public int? Port { get; init; }

    /// <summary>The address that is listened on.</summary>
    [Option(
        "--host", "The address to serve on, for other machines too: whoever reaches it, by its address, can look",
        Group = Group, Value = "ADDRESS", Default = "127.0.0.1")]
    public string? Host { get; init; }

    /// <summary>Whether the browser is told to show it.</summary>
    [Option("--open", "Opens the page in the browser", Group = Group)]
    public bool Open { get; init; }
}

using System.Diagnostics;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>A page that shows runs, served from when it is made: a port that is taken is known before anything else is done.</summary>
internal sealed class RunPage : IDisposable
{
    private readonly ServeRequest _asked;
    private readonly Screen _screen;
    private readonly RunEndpoints _runs;
    private readonly PageServer _server;

    /// <summary>Starts to serve a page without runs.</summary>
    /// <param name="asked">Where.</param>
    /// <param name="book">The known recipes.</param>
    /// <param name="screen">Gets the address.</param>
    /// <exception cref="Errors.GanException">Usage: the port is taken, or the address is none of this machine.</exception>
    public RunPage(ServeRequest asked, RecipeBook book, Screen screen)
    {
        (_asked, _screen, _runs) = (asked, screen, new RunEndpoints(book));
        _server = PageServer.Start(asked, _runs.Map).GetAwaiter().GetResult();
    }

    /// <summary>Shows a run, or a folder of runs, and says where.</summary>
    public void Show(string folder)
    {
        _runs.Folder = folder;
        _screen.Say($"{"page",-8}{_server.Address}");
        if (_asked.Open)
            Open();
    }

    /// <summary>Stops to serve.</summary>
    public void Dispose()
    {
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _runs.Dispose();
    }

    private void Open()
    {
        try
        {
            Process.Start(new ProcessStartInfo(_server.Address.AbsoluteUri) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            _screen.Warn($"No browser could be started ({fault.Message.TrimEnd('.')}). Open {_server.Address} in one.");
        }
    }
}

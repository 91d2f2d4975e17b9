using System.Diagnostics;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;
using Microsoft.AspNetCore.Builder;

namespace GanFromScratch.Gan.Commands;

/// <summary>A page that a command serves until it ends.</summary>
internal sealed class ServedPage : IDisposable
{
    private readonly ServeRequest _asked;
    private readonly Screen _screen;
    private readonly PageServer _server;

    /// <summary>Starts to serve.</summary>
    /// <param name="asked">Where.</param>
    /// <param name="pages">The files of the page, by the paths they are asked for.</param>
    /// <param name="map">Adds what there is to get beside them.</param>
    /// <param name="screen">Gets the address.</param>
    /// <exception cref="Errors.GanException">Usage: the port is taken, or the address is none of this machine.</exception>
    public ServedPage(ServeRequest asked, IReadOnlyDictionary<string, string> pages, Action<WebApplication> map, Screen screen)
    {
        (_asked, _screen) = (asked, screen);
        _server = PageServer.Start(asked, pages, map).GetAwaiter().GetResult();
    }

    /// <summary>Says where the page is, and opens it if that is asked for.</summary>
    public void Say()
    {
        _screen.Announce($"{"page",-8}{_server.Address}");
        if (_asked.Open)
            Open();
    }

    /// <summary>Stops to serve.</summary>
    public void Dispose() => _server.DisposeAsync().AsTask().GetAwaiter().GetResult();

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

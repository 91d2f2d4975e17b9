using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Serve;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>A page that shows runs, served from when it is made: a port that is taken is known before anything else is done.</summary>
internal sealed class RunPage : IDisposable
{
    private readonly RunEndpoints _runs;
    private readonly ServedPage _page;

    /// <summary>Starts to serve a page without runs.</summary>
    /// <param name="asked">Where.</param>
    /// <param name="book">The known recipes.</param>
    /// <param name="screen">Gets the address.</param>
    /// <exception cref="Errors.GanException">Usage: the port is taken, or the address is none of this machine.</exception>
    public RunPage(ServeRequest asked, RecipeBook book, Screen screen)
    {
        _runs = new RunEndpoints(book);
        _page = new ServedPage(asked, RunEndpoints.Pages, _runs.Map, screen);
    }

    /// <summary>Shows a run, or a folder of runs, and says where.</summary>
    public void Show(string folder)
    {
        _runs.Folder = folder;
        _page.Say();
    }

    /// <summary>Stops to serve.</summary>
    public void Dispose()
    {
        _page.Dispose();
        _runs.Dispose();
    }
}

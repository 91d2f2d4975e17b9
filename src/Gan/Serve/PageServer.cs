using System.Net;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GanFromScratch.Gan.Serve;

/// <summary>
/// Serves pages of this program's own to browsers on this machine. Whoever asks by another machine's name, or from another page, gets
/// nothing: otherwise any site that is open in the browser could read along (DNS rebinding, cross-site requests).
/// </summary>
internal sealed class PageServer : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";
    private const int DefaultPort = 80; // which browsers leave out
    private const int MostConnections = 256, LongestBody = 4096;

    private static readonly Dictionary<string, string> Kinds =
        new() { [".html"] = "text/html", [".css"] = "text/css", [".js"] = "text/javascript" };

    private readonly WebApplication _application;
    private readonly string _host;

    private PageServer(WebApplication application, string host, int port)
    {
        (_application, _host) = (application, host);
        bool isAny = host == IPAddress.Any.ToString() || host == IPAddress.IPv6Any.ToString();
        Address = new UriBuilder(Uri.UriSchemeHttp, isAny ? Loopback : host, port).Uri;
    }

    /// <summary>The address of the page.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="asked">Where, as it was asked for.</param>
    /// <param name="pages">The files of the page beside this source, by the paths they are asked for.</param>
    /// <param name="map">Adds what there is to get beside them.</param>
    /// <exception cref="GanException">Usage: the port is taken, or the address is none of this machine.</exception>
    public static async Task<PageServer> Start(
        ServeRequest asked, IReadOnlyDictionary<string, string> pages, Action<WebApplication> map)
    {
        string host = asked.Host ?? Loopback;
        if (!IPAddress.TryParse(host, out var address))
        {
            throw new GanException(
                ExitCode.Usage, $"--host {host} is no address. Give one of this machine, such as 0.0.0.0 for all of them.");
        }
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.Listen(address, asked.Port ?? 0);
        });
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        PageServer? server = null;
        application.Use((context, next) => server?.Guard(context, next) ?? Task.CompletedTask);
        application.UseRouting();
        foreach (var (path, file) in pages)
        {
            string text = EmbeddedText.Read(typeof(PageServer), file), kind = Kinds[Path.GetExtension(file)];
            application.MapGet(path, (HttpContext context) => Write(context, kind, text));
        }
        map(application);
        try
        {
            await application.StartAsync();
        }
        catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new GanException(
                ExitCode.Usage,
                $"{(asked.Port is { } port ? $"Port {port} of {host}" : host)} can't be listened on: {fault.Message.TrimEnd('.')}. "
                + "Name another one with --port, or leave it out for one that is free.",
                fault);
        }
        return server = new PageServer(application, host, new Uri(application.Urls.First()).Port);
    }

    /// <summary>Answers with a text.</summary>
    public static Task Write(HttpContext context, string kind, string text)
    {
        context.Response.ContentType = $"{kind}; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>Stops to serve.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1)); // pages that listen to a run never end by themselves
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private Task Guard(HttpContext context, RequestDelegate next)
    {
        if (!IsOwn(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            + "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }

    private bool IsOwn(HttpRequest request)
    {
        string name = request.Host.Host.Trim('[', ']');
        bool isOurs = name == Loopback || name == "localhost" || name == _host;
        // a name may be made to point here by its owner; an address can't
        bool isAddress = !IPAddress.IsLoopback(IPAddress.Parse(_host)) && IPAddress.TryParse(name, out _);
        if (!(isOurs || isAddress) || (request.Host.Port ?? DefaultPort) != Address.Port)
            return false;
        string? origin = request.Headers.Origin, site = request.Headers["Sec-Fetch-Site"];
        return (origin is null || origin == $"{Uri.UriSchemeHttp}://{request.Host}") && site is null or "same-origin" or "none";
    }
}

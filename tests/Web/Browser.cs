using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using NUnit.Framework;

namespace GanFromScratch.Tests.Web;

/// <summary>Debian's Chromium with a page, of which all faults and requests are noted.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        (_playwright, _browser, Page) = (playwright, browser, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("willReadFrequently", StringComparison.Ordinal)) // of Pixels
                Faults.Add(message.Text);
        };
        page.PageError += (_, fault) => Faults.Add(fault);
        page.Request += (_, request) => Requests.Add(request.Url);
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Errors and warnings on the page's console.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The addresses of all requests.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Starts it; skips the test where there is none.</summary>
    public static async Task<Browser> Start(ColorScheme scheme = ColorScheme.Light, int width = 1000)
    {
        ToolRequirement.Require(File.Exists(Chromium), "Chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        var page = await browser.NewPageAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } });
        page.SetDefaultTimeout(60_000); // a machine has other work at times
        Assertions.SetDefaultExpectTimeout(60_000);
        return new Browser(playwright, browser, page);
    }

    /// <summary>Checks the page for people who see little or use no mouse: axe-core's serious and critical findings.</summary>
    public async Task RequireAccessible()
    {
        var found = await Page.RunAxe();
        string[] serious =
        [
            .. found.Violations.Where(violation => violation.Impact is "serious" or "critical")
                .Select(violation => $"{violation.Id}: {violation.Help} ({string.Join(", ", violation.Nodes.Select(node => node.Html))})"),
        ];
        Assert.That(serious, Is.Empty);
    }

    /// <summary>Checks that nothing is wider than the window.</summary>
    public async Task RequireNoOverflow() =>
        Assert.That(await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth"), Is.LessThanOrEqualTo(0));

    /// <summary>Returns a canvas' pixels, four bytes each.</summary>
    public async Task<byte[]> Pixels(string selector)
    {
        const string Read = """
            canvas => {
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              return Array.from(data);
            }
            """;
        int[] values = await Page.Locator(selector).EvaluateAsync<int[]>(Read);
        return [.. values.Select(value => (byte)value)];
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

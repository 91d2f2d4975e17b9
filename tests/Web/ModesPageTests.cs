using Microsoft.Playwright;
using NUnit.Framework;

namespace GanFromScratch.Tests.Web;

/// <summary>`gan modes --serve`: a mixture that is trained before one's eyes.</summary>
public sealed class ModesPageTests
{
    [TestCase(ColorScheme.Light, 1000)]
    [TestCase(ColorScheme.Dark, 360)]
    public async Task StepsOfBothNetworksAreSeen(ColorScheme scheme, int width)
    {
        using var program = new GanProgram();
        using var served = await ServedRuns.Start(program, "modes --set ring --layers 2 --width 32 --serve");
        await using var browser = await Browser.Start(scheme, width);
        var page = browser.Page;
        await page.GotoAsync(served.Address.AbsoluteUri);
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("ring, seed 0: paused, step 0 of 80,000");
        await browser.RequireNoOverflow();
        await browser.RequireAccessible();
        await page.UncheckAsync("#slopes"); // points and map alone
        byte[] first = await browser.Pixels("#plane");

        // a step of D moves the map, and no point; one of G the points, and nothing of the map
        await page.UncheckAsync("#heat");
        byte[] points = await browser.Pixels("#plane");
        await page.Locator("#d").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#numbers")).ToContainTextAsync("D loss 0.");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("paused, step 0 of");
        Assert.That(await browser.Pixels("#plane"), Is.EqualTo(points));
        await page.CheckAsync("#heat");
        Assert.That(await browser.Pixels("#plane"), Is.Not.EqualTo(first));
        await page.Locator("#g").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("paused, step 1 of");
        await page.UncheckAsync("#heat");
        Assert.That(await browser.Pixels("#plane"), Is.Not.EqualTo(points));

        await page.CheckAsync("#heat");
        await page.CheckAsync("#slopes");
        await page.Locator("#play").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("playing");
        await Task.Delay(3000);
        await page.Locator("#play").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("paused");
        int step = Step(await page.TextContentAsync("#status"));
        Assert.That(step, Is.GreaterThan(10));
        if (Environment.GetEnvironmentVariable("GAN_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"modes-{scheme}-{width}.png"), FullPage = true });
        await page.Locator("#restart").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("paused, step 0 of");
        await page.UncheckAsync("#heat");
        await page.UncheckAsync("#slopes");
        Assert.That(await browser.Pixels("#plane"), Is.EqualTo(points), "from the same seed");
        Assert.That(browser.Faults, Is.Empty);
        Assert.That(browser.Requests, Is.All.StartsWith(served.Address.AbsoluteUri));
        Assert.That(served.End(), Is.Zero);
    }

    private static int Step(string? status) =>
        int.Parse(status!.Split("step ")[1].Split(' ')[0].Replace(",", "", StringComparison.Ordinal));
}

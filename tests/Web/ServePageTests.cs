using Microsoft.Playwright;
using NUnit.Framework;

namespace GanFromScratch.Tests.Web;

/// <summary>`gan serve`: the page of a run that another process trains meanwhile, and of a folder of runs.</summary>
public sealed class ServePageTests
{
    private const string Small = "--recipe odog --dataset digits --limit 320 --batch 32 --samples 16 --sample-every 1 --checkpoint-every 1";

    [TestCase(ColorScheme.Light, 1200)]
    [TestCase(ColorScheme.Dark, 360)]
    public async Task ARunIsShownWhileItTrains(ColorScheme scheme, int width)
    {
        using var program = new GanProgram();
        using var training = program.Start($"train {Small} --epochs 100000 --output run -q");
        try
        {
            await Until(() => File.Exists(program["run", "samples", "epoch-0002.png"]));
            using var served = await ServedRuns.Start(program, "serve run");
            await using var browser = await Browser.Start(scheme, width);
            var page = browser.Page;
            await page.GotoAsync(served.Address.AbsoluteUri);
            await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("odog on digits, seed 0: training, step");
            await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("left");
            await Assertions.Expect(page.Locator("#drawn")).ToHaveAttributeAsync("alt", "16 pictures of the newest generator, seed 0");

            // curves and sliders grow by themselves
            int epochs = int.Parse((await page.GetAttributeAsync("#epoch", "max"))!);
            string curve = (await page.GetAttributeAsync("#charts canvas >> nth=0", "aria-label"))!;
            Assert.That(curve, Does.Match(@"^Loss: D \d.*, G \d"));
            for (int i = 0; i < 600 && await Number(page, "#epoch", "max") < epochs + 2; i++)
                await Task.Delay(100);
            Assert.That(await Number(page, "#epoch", "max"), Is.GreaterThanOrEqualTo(epochs + 2));
            await Assertions.Expect(page.Locator("#charts canvas").First).Not.ToHaveAttributeAsync("aria-label", curve);
            Assert.That(await Number(page, "#epoch", "value"), Is.EqualTo(await Number(page, "#epoch", "max")).Within(2), "at the end");
            byte[] pixels = await browser.Pixels("#charts canvas >> nth=0");
            Assert.That(pixels.Chunk(4).Any(pixel => pixel[2] > pixel[0] + 60), "a blue line, by day and by night");
            Assert.That(pixels.Chunk(4).Any(pixel => pixel[0] > pixel[2] + 60), "a red one");
            await browser.RequireNoOverflow();
            await browser.RequireAccessible();
            if (Environment.GetEnvironmentVariable("GAN_SCREENSHOTS") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"run-{scheme}-{width}.png"), FullPage = true });

            // by keyboard
            await page.FocusAsync("#epoch");
            await page.Keyboard.PressAsync("Home");
            await Assertions.Expect(page.Locator("#sample")).ToHaveAttributeAsync("alt", "The grid after epoch 0");
            await page.FocusAsync("#charts canvas >> nth=0");
            await page.Keyboard.PressAsync("+");
            await page.Keyboard.PressAsync("ArrowLeft");
            await page.Keyboard.PressAsync("0");
            await page.FocusAsync("#way");
            await page.Keyboard.PressAsync("End");
            await page.FillAsync("#seed", "5");
            await Assertions.Expect(page.Locator("#drawn")).ToHaveAttributeAsync("alt", "16 pictures of the newest generator, seed 5");
            await page.Locator("summary").PressAsync("Enter");
            await Assertions.Expect(page.Locator("#settings")).ToContainTextAsync("steps_per_epoch");

            // the slider stays where it was put while more grids come
            Assert.That(await page.GetAttributeAsync("#sample", "alt"), Is.EqualTo("The grid after epoch 0"));
            training.Kill();
            await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("stopped");
            Assert.That(browser.Faults, Is.Empty);
            Assert.That(
                browser.Requests.Where(url => !url.StartsWith("blob:", StringComparison.Ordinal)),
                Is.All.StartsWith(served.Address.AbsoluteUri), "no request to any other host");
            Assert.That(served.End(), Is.Zero, "Ctrl-C");
        }
        finally
        {
            if (!training.HasExited)
                training.Kill();
        }
    }

    /// <summary>A resumed run's logs are cut: the page begins anew.</summary>
    [Test]
    public async Task APageGoesAcrossAResume()
    {
        using var program = new GanProgram();
        program.Done($"train {Small} --epochs 6 --keep 9 --output run -q");
        using var served = await ServedRuns.Start(program, "serve run");
        await using var browser = await Browser.Start();
        var page = browser.Page;
        await page.GotoAsync(served.Address.AbsoluteUri);
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("finished, step 60 of 60");
        string from = Path.Combine("run", "checkpoints", "step-00000020.safetensors");
        program.Done($"resume run --from {from} --epochs 8 -q");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("finished, step 80 of 80");
        await Assertions.Expect(page.Locator("#epoch")).ToHaveAttributeAsync("max", "8");
        program.Done("resume run --epochs 11 -q"); // nothing is cut, and there is more
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("finished, step 110 of 110");
        Assert.That(browser.Faults, Is.Empty);
    }

    [TestCase(ColorScheme.Light, 1200)]
    [TestCase(ColorScheme.Dark, 360)]
    public async Task RunsAreComparedSideBySide(ColorScheme scheme, int width)
    {
        using var program = new GanProgram();
        program.Done($"train {Small} --epochs 3 --output runs/first -q");
        program.Done($"train {Small} --epochs 3 --seed 7 --lr 1e-3 --output runs/second -q");
        program.Done($"train {Small} --epochs 3 --r1 1 --output runs/third -q");
        program.Put("runs/broken/settings.json", "{"u8.ToArray());
        Directory.CreateDirectory(program["runs", "broken", "checkpoints"]);
        using var served = await ServedRuns.Start(program, "serve");
        await using var browser = await Browser.Start(scheme, width);
        var page = browser.Page;
        await page.GotoAsync(served.Address.AbsoluteUri);
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("4 runs");
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync("objective.r1");
        await Assertions.Expect(page.Locator("#list")).Not.ToContainTextAsync("steps_per_epoch");
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync("no JSON from line 1 on");
        await Assertions.Expect(page.Locator("#grids img")).ToHaveCountAsync(2);
        await page.Locator("[aria-label='Choose third']").PressAsync("Space");
        await Assertions.Expect(page.Locator("#grids img")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("#overlaid canvas").First).ToHaveAttributeAsync(
            "aria-label", new System.Text.RegularExpressions.Regex(@"^Energy distance: first \d.*, second \d.*, third \d"));
        await browser.RequireNoOverflow();
        await browser.RequireAccessible();
        if (Environment.GetEnvironmentVariable("GAN_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"runs-{scheme}-{width}.png"), FullPage = true });
        await page.Locator("#list a >> text=second").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("odog on digits, seed 7: finished");
        await page.Locator("#back a").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("4 runs");
        program.Done($"train {Small} --epochs 1 --output runs/fourth -q"); // a new one comes by itself
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("5 runs");
        Assert.That(browser.Faults, Is.Empty);
    }

    [Test]
    public async Task ClassesCanBeAskedFor()
    {
        using var program = new GanProgram();
        program.Done("train --recipe cgan --dataset digits --limit 64 --batch 32 --steps 4 --output run -q");
        using var served = await ServedRuns.Start(program, "serve run");
        await using var browser = await Browser.Start();
        await browser.Page.GotoAsync(served.Address.AbsoluteUri);
        var drawn = browser.Page.WaitForResponseAsync(answer => answer.Url.Contains("class=7", StringComparison.Ordinal) && answer.Ok);
        await browser.Page.SelectOptionAsync("#class", "7");
        await drawn;
        Assert.That(browser.Faults, Is.Empty);
    }

    private static async Task<int> Number(IPage page, string selector, string property) =>
        int.Parse(await page.EvalOnSelectorAsync<string>(selector, $"e => String(e.{property})"));

    private static async Task Until(Func<bool> isSo)
    {
        for (int i = 0; i < 600 && !isSo(); i++)
            await Task.Delay(100);
        Assert.That(isSo(), Is.True);
    }
}

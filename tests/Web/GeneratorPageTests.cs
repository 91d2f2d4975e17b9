using GanFromScratch.Gan.Images;
using Microsoft.Playwright;
using NUnit.Framework;

namespace GanFromScratch.Tests.Web;

/// <summary>`gan export --html`: one file that draws what `gan sample` draws.</summary>
public sealed class GeneratorPageTests
{
    private const int Count = 12;

    /// <summary>Every kind of layer and of noise, grey and colour, with classes and without, in a page without a network.</summary>
    [TestCase("hsu", "")]
    [TestCase("odog", "")]
    [TestCase("fabo", "--as-written")]
    [TestCase("lornatang", "")]
    [TestCase("dcgan", "")]
    [TestCase("acgan", "--resolution 32 --channels 3")]
    [TestCase("stable-conv", "--conditional")]
    [TestCase("stable-conv", "--resolution 48")]
    public async Task ThePageDrawsTheSamePictures(string recipe, string options)
    {
        using var program = new GanProgram();
        program.Done($"train --recipe {recipe} {options} --dataset digits --limit 64 --batch 32 --steps 30 --output run");
        program.Done("export run --html --output page");
        program.Done($"sample run --seed 3 --count {Count} --single pictures");
        await using var browser = await Browser.Start();
        await browser.Page.Context.SetOfflineAsync(true);
        await browser.Page.GotoAsync(new Uri(program["page", "generator.html"]).AbsoluteUri);
        await browser.Page.FillAsync("#count", $"{Count}");
        await browser.Page.FillAsync("#seed", "3");
        await browser.Page.WaitForSelectorAsync($"#grid[data-drawn='{Count}']");
        byte[] grid = await browser.Pixels("#grid");
        int furthest = 0;
        for (int i = 0; i < Count; i++)
        {
            var picture = ImageFiles.Read(program["pictures", $"{i + 1:0000}.png"]).Image;
            for (int at = 0; at < picture.Pixels.Length; at++)
            {
                int pixel = at / picture.Channels, row = (i / 4 * picture.Height) + (pixel / picture.Width);
                int place = (row * 4 * picture.Width) + (i % 4 * picture.Width) + (pixel % picture.Width);
                furthest = Math.Max(furthest, Math.Abs(picture.Pixels[at] - grid[(4 * place) + (at % picture.Channels)]));
            }
        }
        TestContext.Out.WriteLine($"{recipe} {options}: at most {furthest} grey levels apart");
        Assert.That(furthest, Is.LessThanOrEqualTo(1));
        Assert.That(grid.Where((_, at) => at % 4 < 3).Distinct().Count(), Is.GreaterThan(4), "pictures, no plain field");
        Assert.That(browser.Faults, Is.Empty);
        Assert.That(browser.Requests, Has.Count.EqualTo(1), "the page itself");
    }

    /// <summary>What a page rounds, other exports of the same command don't get.</summary>
    [Test]
    public void OtherExportsKeepTheirWeights()
    {
        using var program = new GanProgram();
        program.Done("train --recipe odog --dataset digits --limit 64 --batch 32 --steps 4 --output run");
        program.Done("export run --html --torch --onnx --output all");
        program.Done("export run --onnx --output one");
        byte[] weights = File.ReadAllBytes(program["run", "generator.safetensors"]);
        Assert.That(File.ReadAllBytes(program["all", "generator.safetensors"]).AsSpan().SequenceEqual(weights));
        byte[] graph = File.ReadAllBytes(program["one", "generator.onnx"]);
        Assert.That(File.ReadAllBytes(program["all", "generator.onnx"]).AsSpan().SequenceEqual(graph));
    }

    /// <summary>Sliders, classes and a walk, by keyboard alone; on a phone and in the dark.</summary>
    [TestCase(ColorScheme.Light, 1000)]
    [TestCase(ColorScheme.Dark, 360)]
    public async Task ItIsUsedByKeyboard(ColorScheme scheme, int width)
    {
        using var program = new GanProgram();
        program.Done("train --recipe cgan --dataset digits --limit 64 --batch 32 --steps 20 --output run");
        program.Done("export run --html");
        await using var browser = await Browser.Start(scheme, width);
        var page = browser.Page;
        await page.GotoAsync(new Uri(program["run", "generator.html"]).AbsoluteUri);
        await browser.RequireNoOverflow();
        await browser.RequireAccessible();

        byte[] first = await browser.Pixels("#one");
        await page.FocusAsync("#way");
        await page.Keyboard.PressAsync("End");
        byte[] moved = await browser.Pixels("#one");
        Assert.That(moved, Is.Not.EqualTo(first), "the way to the other seed");
        await page.FillAsync("#from", "1");
        await page.FocusAsync("#way");
        await page.Keyboard.PressAsync("Home");
        Assert.That(await browser.Pixels("#one"), Is.EqualTo(moved), "that seed's own picture");
        await page.SelectOptionAsync("#from-class", "7");
        byte[] seven = await browser.Pixels("#one");
        Assert.That(seven, Is.Not.EqualTo(moved), "another class");
        await page.Locator("summary").PressAsync("Enter");
        await page.Locator("#numbers input").First.PressAsync("End");
        Assert.That(await browser.Pixels("#one"), Is.Not.EqualTo(seven), "a number of the noise");
        await page.Locator("#walk").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#to")).ToHaveValueAsync("2"); // past the end, on to the next seed
        await page.Locator("#walk").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#walk")).ToHaveTextAsync("Walk");
        Assert.That(browser.Faults, Is.Empty);
    }
}

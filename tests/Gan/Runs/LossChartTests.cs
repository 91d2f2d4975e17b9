using System.Globalization;
using System.Xml.Linq;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class LossChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void LossesAccuraciesAndDistancesAreFiveLinesOfFiveColours()
    {
        var svg = Chart(epochs: 3, stretches: 40, width: 1);
        var lines = svg.Descendants(Svg + "polyline").ToLookup(line => line.Attribute("stroke-opacity")!.Value);
        Assert.That(lines["1"].Select(line => line.Attribute("stroke")!.Value).Distinct().Count(), Is.EqualTo(5));
        Assert.That(lines["0.5"].Select(line => line.Attribute("stroke")!.Value).Distinct().Count(), Is.EqualTo(4));
        Assert.That(Texts(svg), Does.Contain("odog on MNIST").And.Contain("D's accuracy").And.Contain("energy distance"));
        Assert.That(Texts(svg), Does.Contain("step; pale lines are single steps, strong ones means of epochs").And.Contain("40"));
        Assert.That(Texts(Chart(3, 40, 16)), Has.Some.Contains("pale lines are means of 16 steps"));
    }

    /// <summary>A run within its first epoch has curves of its steps.</summary>
    [Test]
    public void BeforeTheFirstEpochThereAreTheSteps()
    {
        Assert.That(Chart(0, 40, 1).Descendants(Svg + "polyline").Count(), Is.EqualTo(4));
        Assert.That(Texts(Chart(0, 40, 1)), Does.Not.Contain("energy distance"));
        Assert.That(Chart(1, 1, 1).Descendants(Svg + "circle").Count(), Is.EqualTo(9));
        var empty = Chart(0, 0, 1);
        Assert.That(empty.Descendants(Svg + "polyline"), Is.Empty);
        Assert.That(Texts(empty), Does.Contain("loss"));
    }

    [Test]
    public void APanelWithoutAValueIsLeftOut()
    {
        ChartPoint[] some = [new(1, 2), new(2, 1)], none = [new(1, double.NaN), new(2, double.NaN)];
        var svg = XDocument.Parse(LossChart.Svg("t", [some, some, none, none, some], [[], [], none, none], 1, 2)).Root!;
        Assert.That(svg.Descendants(Svg + "polyline").Count(), Is.EqualTo(3));
        Assert.That(Texts(svg), Does.Not.Contain("D's accuracy").And.Contain("energy distance"));
    }

    [Test]
    public void ALongRunsFileIsSmallAndTheSameInEveryLanguage()
    {
        string text = Text(2000, 1000, 1024);
        Assert.That(text, Has.Length.LessThan(150_000));
        var before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NegativeSign) = (",", "~");
            CultureInfo.CurrentCulture = comma;
            Assert.That(Text(2000, 1000, 1024), Is.EqualTo(text));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static XElement Chart(int epochs, int stretches, int width) => XDocument.Parse(Text(epochs, stretches, width)).Root!;

    private static string Text(int epochs, int stretches, int width)
    {
        int steps = stretches * width;
        return LossChart.Svg("odog on MNIST", Curves(5, epochs, steps), Curves(4, stretches, steps), width, steps);
    }

    private static ChartPoint[][] Curves(int count, int points, int steps)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(1, points).Select(
            i => new ChartPoint(i * (double)steps / points, random.NextDouble())).ToArray())];
    }

    private static List<string> Texts(XElement svg) => [.. svg.Descendants(Svg + "text").Select(text => text.Value)];
}
